"""The three steps over one delivery, run by their command lines as EMR runs them."""

import json
import re
import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.source_systems import LandingSet, generate
from spark_jobs.annuity.conform import job as conform
from spark_jobs.annuity.summary import job as summary
from spark_jobs.annuity.valuation import job as valuation
from spark_jobs.runtime.errors import InputMissing, JobError, OutputConflict, TrailerMismatch
from tests.spark_jobs.lake import AS_OF, STEPS, Lake, contracts, run_step

pytestmark = pytest.mark.spark

POLICIES = 60
CONFLICT = r"account_value at .* belongs to other inputs: code was c0de and is beef: clear from open_run"


@pytest.fixture(scope="module")
def landing() -> LandingSet:
    return generate(AS_OF, POLICIES, seed=7)


@pytest.fixture(scope="module")
def done(spark: Any, landing: LandingSet, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake in which the whole pipeline has run. Tests only read it."""
    lake = Lake(tmp_path_factory.mktemp("done"))
    lake.ingest(landing)
    for step in (conform, valuation, summary):
        run_step(lake, step)
    return lake


def rows(spark: Any, lake: Lake, dataset: str) -> list[Any]:
    found = spark.read.schema(contracts()[dataset].struct_type).parquet(lake.curated(dataset).as_uri())
    return list(found.collect())


def details(landing: LandingSet, source: str) -> list[str]:
    file = next(file for file in landing.files if file.source == source)
    return [line for line in file.content.decode().splitlines() if line.startswith("D|")]


def test_the_ledger_of_defects_is_found_in_full(spark: Any, done: Lake, landing: LandingSet) -> None:
    rejected = rows(spark, done, "rejected_record")
    found = Counter({(row.source, row.raw_text, row.reason): row.occurrences for row in rejected})
    expected = Counter((entry["source"], entry["raw_text"], entry["reason"]) for entry in landing.truth["defects"])
    assert found == expected


def test_every_detail_line_is_published_or_accounted_for(spark: Any, done: Lake, landing: LandingSet) -> None:
    published = {"policies": "policy", "transactions": "policy_transaction", "gl_totals": "control_total"}
    rejected = Counter[str]()
    for row in rows(spark, done, "rejected_record"):
        rejected[row.source] += row.occurrences
    for source, dataset in published.items():
        assert done.manifest(dataset)["rows"] == landing.truth["good"][source]
        assert done.manifest(dataset)["rows"] + rejected[source] == len(details(landing, source))


def test_published_totals_are_the_good_records(done: Lake, landing: LandingSet) -> None:
    wrong = {(entry["source"], entry["raw_text"]): entry for entry in landing.truth["defects"]}
    # the identical copy of a good line is a defect, its first copy is not
    copies = {key for key, entry in wrong.items() if entry["reason"] == "duplicate"}
    for source, dataset, position, measure in (
        ("policies", "policy", 9, "single_premium"),
        ("transactions", "policy_transaction", 6, "amount"),
    ):
        good = {line for line in details(landing, source) if (source, line) not in wrong or (source, line) in copies}
        total = sum(Decimal(line.split("|")[position]) for line in good)
        assert Decimal(done.manifest(dataset)["measures"][measure]) == total


def test_the_reconciliation_finds_the_ledgers_error_and_no_other(spark: Any, done: Lake, landing: LandingSet) -> None:
    found = {(row.product, row.measure): row for row in rows(spark, done, "reconciliation")}
    assert len(found) == len(landing.truth["control_totals"])
    for total in landing.truth["control_totals"]:
        row, error = found[total["product"], total["measure"]], Decimal(total["ledger_error"])
        assert row.computed_amount == Decimal(total["amount"])
        assert (row.difference, row.status) == (-error, "different" if error else "matched")


def test_the_block_moves_to_the_cent(spark: Any, done: Lake) -> None:
    by_product = {row["product"]: row for row in rows(spark, done, "block_summary")}
    assert set(by_product) == {"MYGA", "SPIA"}
    for row in by_product.values():
        moved = row.opening_balance + row.premium + row.interest - row.withdrawals - row.surrenders - row.deaths
        assert moved == row.closing_balance
    closing = sum(Decimal(row.closing_balance) for row in _latest(rows(spark, done, "account_value")))
    assert by_product["MYGA"].closing_balance == closing > 0
    assert by_product["SPIA"].payouts > 0
    assert 0 < by_product["MYGA"].policies_in_force < POLICIES


def test_reference_policies_have_lifelibs_values(spark: Any, done: Lake, landing: LandingSet) -> None:
    for dataset, keys in (("account_value", ["policy_id", "policy_month"]), ("payout", ["policy_id", "instalment"])):
        found = {tuple(row[key] for key in keys): row for row in rows(spark, done, dataset)}
        for reference in landing.truth["references"][dataset]:
            computed = found[tuple(reference[key] for key in keys)][reference["column"]]
            assert float(computed) == pytest.approx(float(reference["value"]), abs=0.005)


@pytest.mark.parametrize("dataset", [dataset for _, _, writes in STEPS.values() for dataset in writes])
def test_a_manifest_describes_what_was_written(spark: Any, done: Lake, dataset: str) -> None:
    manifest, contract = done.manifest(dataset), contracts()[dataset]
    written = spark.read.parquet(done.curated(dataset).as_uri())
    assert [(field.name, field.dataType) for field in written.schema] == [
        (c.name, c.spark_type) for c in contract.columns
    ]
    assert manifest["rows"] == written.count()
    assert (manifest["dataset"], manifest["as_of"], manifest["schema_sha256"]) == (
        dataset,
        "2026-10-31",
        contract.schema_sha256,
    )
    assert all(finding["passed"] for finding in manifest["quality"])
    parts = sorted(done.curated(dataset).glob("part-*.parquet"))
    assert manifest["files"] == [{"uri": part.as_uri(), "bytes": part.stat().st_size} for part in parts]
    entries = json.loads((done.curated(dataset) / "_redshift.manifest").read_text())["entries"]
    assert [(entry["url"], entry["meta"]["content_length"]) for entry in entries] == [
        (part.as_uri(), part.stat().st_size) for part in parts
    ]


def test_the_same_delivery_ingested_again_gives_the_same_content(
    spark: Any, done: Lake, landing: LandingSet, lake: Lake
) -> None:
    for file in landing.files:
        header, *body, trailer = file.content.decode().splitlines()
        lake.write_raw(file.source, [header, *reversed(body), trailer])
    run_step(lake, conform)
    for dataset in STEPS["conform"][2]:
        again, before = lake.manifest(dataset), done.manifest(dataset)
        assert again["content_sha256"] == before["content_sha256"]
        assert [given["fingerprint"] for given in again["inputs"]] == [
            given["fingerprint"] for given in before["inputs"]
        ]


def test_a_complete_output_is_adopted_and_a_half_written_one_is_made_again(
    done: Lake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = Lake(tmp_path / "copy")
    shutil.copytree(done.root, lake.root)
    (lake.curated("payout") / "_manifest.json").unlink()
    before = (lake.curated("account_value") / "_manifest.json").stat().st_mtime_ns
    run_step(lake, valuation)
    assert "account_value: already complete" in capsys.readouterr().out
    assert (lake.curated("account_value") / "_manifest.json").stat().st_mtime_ns == before
    assert lake.manifest("payout")["content_sha256"] == done.manifest("payout")["content_sha256"]


def test_a_complete_output_of_other_inputs_is_never_overwritten(done: Lake, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "copy")
    shutil.copytree(done.root, lake.root)
    before = lake.manifest("payout")
    with pytest.raises(OutputConflict, match=CONFLICT):
        run_step(lake, valuation, code_version="beef")
    manifest = lake.curated("policy") / "_manifest.json"
    (manifest.parent / "._manifest.json.crc").unlink()  # Hadoop's local file system guards what it wrote
    manifest.write_text(manifest.read_text().replace(lake.manifest("policy")["content_sha256"], "0" * 64))
    with pytest.raises(OutputConflict, match=r"policy was .* and is 000000000000"):
        run_step(lake, valuation)
    assert lake.manifest("payout") == before


def test_a_trailer_that_does_not_match_stops_the_step_before_anything_is_written(
    lake: Lake, landing: LandingSet
) -> None:
    lake.ingest(landing)
    file = next(file for file in landing.files if file.source == "policies")
    lines = file.content.decode().splitlines()
    lake.write_raw("policies", [*lines[:5], *lines[6:]])
    held = len(lines) - 3
    message = re.escape(f"policies as_of 2026-10-31: trailer says {held + 1} details, file holds {held}")
    with pytest.raises(TrailerMismatch, match=message):
        run_step(lake, conform)
    assert not lake.curated("policy").exists()


def test_an_input_that_is_absent_or_half_written_is_named(done: Lake, lake: Lake) -> None:
    with pytest.raises(InputMissing, match="policy as_of 2026-10-31: nothing at"):
        run_step(lake, valuation)
    shutil.copytree(done.curated("policy"), lake.curated("policy"))
    (lake.curated("policy") / "_manifest.json").unlink()
    with pytest.raises(InputMissing, match="left half written"):
        run_step(lake, valuation)


def test_an_empty_delivery_is_refused_by_the_contract_and_leaves_nothing_complete(lake: Lake) -> None:
    for source, columns in (
        ("policies", "single_premium=0.00"),
        ("transactions", "amount=0.00"),
        ("gl_totals", "amount=0.00"),
    ):
        lake.write_raw(source, [f"H|{source}|2026-10-31|1", f"T|0|{columns}"])
    with pytest.raises(JobError, match=r"policy as_of 2026-10-31: 1 of .* checks failed: rowCount all: 0"):
        run_step(lake, conform)
    assert not (lake.curated("policy") / "_manifest.json").exists()


def _latest(account_values: list[Any]) -> list[Any]:
    latest: dict[str, Any] = {}
    for row in sorted(account_values, key=lambda row: row.policy_month):
        latest[row.policy_id] = row
    return list(latest.values())

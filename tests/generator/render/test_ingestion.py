"""A StreamSets pipeline reads and writes its own places and carries its content's hash."""

from __future__ import annotations

import json

from generator.render import Tree, render_tree
from tests.generator import samples
from tests.generator.render.rendered import tenant_files


def test_a_pipeline_reads_and_writes_its_own_places(tree: Tree) -> None:
    document = json.loads(tenant_files(tree, ".json")["dag/ingest/rates.json"])["pipelineConfig"]
    origin, target, finisher = document["stages"]
    options = {option["name"]: option["value"] for option in (*origin["configuration"], *target["configuration"])}
    assert options["s3ConfigBean.s3Config.bucket"] == "acme-prod-claims-landing"
    assert options["s3ConfigBean.s3Config.commonPrefix"] == "rates/as_of=${AS_OF}/"
    assert options["s3TargetConfigBean.s3Config.bucketTemplate"] == "acme-prod-claims-raw"
    assert options["s3TargetConfigBean.s3Config.commonPrefix"] == "rates/as_of=${AS_OF}/attempt=${ATTEMPT}/"
    assert {value for name, value in options.items() if name.endswith("credentialMode")} == {"WITH_IAM_ROLES"}
    parser = {option["name"]: option["value"] for option in origin["services"][0]["configuration"]}
    assert parser["dataFormatConfig.csvCustomDelimiter"] == ";"
    assert finisher["inputLanes"] == origin["eventLanes"]
    assert target["inputLanes"] == origin["outputLanes"]


def test_a_pipelines_label_follows_its_content(tree: Tree) -> None:
    def label(tree: Tree, environment: str) -> str:
        text = tenant_files(tree, ".json", environment)["dag/ingest/rates.json"]
        return str(json.loads(text)["pipelineConfig"]["metadata"]["sluice.sha256"])

    other_words = render_tree([samples.tenant(description="Other words.")], samples.environments())
    assert label(other_words, "prod") == label(tree, "prod")
    assert label(tree, "dev") != label(tree, "prod")

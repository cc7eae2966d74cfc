"""One tenant from its first decommission to its last: what is kept, what a later run destroys, what nobody decided."""

from __future__ import annotations

import pytest

from delivery.decommission.carry_out import Orphans
from delivery.decommission.evidence import EvidenceUnreadable
from delivery.tagged import Clients, tagged
from generator.model import EnvironmentSpec
from tests.delivery.decommission.tenant import RETENTION_DAYS, Tenant


def test_what_was_kept_goes_when_nothing_keeps_it_any_more(clients: Clients, prod: EnvironmentSpec) -> None:
    tenant = Tenant(prod, clients)
    s3 = clients("s3")

    first = tenant.decommission(tenant.rules(0))
    assert list(tenant.zones()) == ["curated", "landing", "raw"]
    assert first.emptied == ()
    whys = {item.bucket: item.why for item in first.kept if item.bucket}
    assert "legal hold on the bucket: case 12" in whys[tenant.names.bucket("curated")]
    assert "retention of 90 days" in whys[tenant.names.bucket("raw")]

    tenant.decommission(tenant.rules(100))
    assert list(tenant.zones()) == ["curated", "landing"]

    tenant.decommission(tenant.rules(RETENTION_DAYS))
    assert list(tenant.zones()) == ["curated"], "the hold outlasts the retention"

    tags = s3.get_bucket_tagging(Bucket=tenant.names.bucket("curated"))["TagSet"]
    lifted = [tag for tag in tags if tag["Key"] != "legal-hold"]
    s3.put_bucket_tagging(Bucket=tenant.names.bucket("curated"), Tagging={"TagSet": lifted})
    tenant.decommission(tenant.rules(RETENTION_DAYS))
    assert list(tenant.zones()) == []
    assert [item.type for item in tagged(clients, tenant.names)] == ["kms:alias", "kms:key"]
    events = [record.event for record in tenant.ledger.history()]
    assert events == ["decommissioned"] * 4

    tenant.decommission(tenant.rules(RETENTION_DAYS))
    assert len(tenant.ledger.history()) == 4, "nothing is left to be done, and nothing is recorded"


def test_an_environment_without_protection_loses_everything_but_what_is_held(
    clients: Clients, prod: EnvironmentSpec
) -> None:
    tenant = Tenant(prod.model_copy(update={"deletion_protection": False}), clients)
    tenant.decommission(tenant.rules(0))
    assert list(tenant.zones()) == ["curated"]
    kept = tagged(clients, tenant.names)
    assert [item.type for item in kept] == ["kms:alias", "kms:key", "s3:bucket"]

    clients("s3").put_bucket_tagging(Bucket=tenant.names.bucket("curated"), Tagging={"TagSet": _identity(tenant)})
    tenant.decommission(tenant.rules(0))
    (key,) = tagged(clients, tenant.names)
    assert key.type == "kms:key"
    assert key.ends_at, "its deletion is ordered, and AWS waits"


def _identity(tenant: Tenant) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tenant.tags.items()]


def test_what_nobody_decided_to_keep_is_an_orphan(clients: Clients, prod: EnvironmentSpec) -> None:
    tenant = Tenant(prod, clients)
    topic = clients("sns").create_topic(Name=f"{tenant.name}-by-hand", Tags=_identity(tenant))["TopicArn"]
    with pytest.raises(Orphans) as refused:
        tenant.decommission(tenant.rules(0))
    assert [item.arn for item in refused.value.found] == [topic]
    assert refused.value.exit_code == 1
    last = tenant.evidence(clients).documents()[-1]
    assert last["orphans"] == [topic]
    assert tenant.ledger.history() == [], "what is not gone is not recorded as gone"

    clients("sns").delete_topic(TopicArn=topic)
    tenant.decommission(tenant.rules(0))
    assert [record.event for record in tenant.ledger.history()] == ["decommissioned"]


def test_a_bucket_named_by_tags_alone_is_not_kept_by_them(clients: Clients, prod: EnvironmentSpec) -> None:
    """Tags repeat the record; a hand that sets them keeps nothing."""
    tenant = Tenant(prod, clients)
    by_hand = f"{tenant.names.prefix}-export"
    clients("s3").create_bucket(Bucket=by_hand)
    tags = [*_identity(tenant), {"Key": "retained-until", "Value": "2099-01-01"}]
    clients("s3").put_bucket_tagging(Bucket=by_hand, Tagging={"TagSet": tags})
    with pytest.raises(Orphans, match=by_hand):
        tenant.decommission(tenant.rules(0))


@pytest.mark.parametrize("body", [b"{", b'{"format": 2, "stage": "finished", "kept": []}', b'{"kept": [{"arn": 1}]}'])
def test_evidence_that_cannot_be_read_stops_everything(clients: Clients, prod: EnvironmentSpec, body: bytes) -> None:
    tenant = Tenant(prod, clients)
    key = f"decommissioned/prod/{tenant.name}/0001.json"
    clients("s3").put_object(Bucket=tenant.names.platform.bucket("ledger"), Key=key, Body=body)
    with pytest.raises(EvidenceUnreadable) as refused:
        tenant.decommission(tenant.rules(0))
    assert refused.value.exit_code == 4
    assert len(tenant.state) == 10

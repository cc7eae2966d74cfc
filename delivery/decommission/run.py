"""A decommission from its first look to its last: what is decided, who must agree, and what is then carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from authority.client import Authority
from authority.registrar import retire
from delivery.decommission import drain
from delivery.decommission.carry_out import Order, Site, carry_out
from delivery.decommission.decision import Decision, decide
from delivery.decommission.evidence import FINISHED, Evidence, kept_in
from delivery.decommission.kept import Kept, Rules
from delivery.decommission.source import Source, fetch, refuse_wanted
from delivery.decommission.streamsets import CONNECTION, Engine
from delivery.decommission.templates import refuse_templates
from delivery.decommission.terraform_steps import Workshop
from delivery.decommission.warehouse import ROLE, Warehouse
from delivery.deploy.place import Watcher
from delivery.errors import DeliveryError, Interrupted
from delivery.ledger import Ledger, Record
from delivery.release.store import ReleaseStore
from delivery.supervision import Interruption
from delivery.tagged import Clients
from delivery.trust import trusted_keys
from delivery.workspace import StackId
from generator.model import EnvironmentSpec
from generator.names import Names

AUTHORITY = "SLUICE_AUTHORITY_URL"


class NoRetention(DeliveryError):
    """The release does not say how long the tenant's data must be kept."""

    exit_code = 4


@dataclass(frozen=True)
class Places:
    """What a decommission speaks to.

    Attributes:
        engine: StreamSets; None where it cannot be asked from here.
        warehouse: None where no role was named that may act in it.
        variables: of the process; credentials, Terraform's folders, the authority's address.
        say: told what is done, a line at a time.
    """

    spec: EnvironmentSpec
    clients: Clients
    airflow: drain.Airflow
    engine: Engine | None
    variables: Mapping[str, str]
    interruption: Interruption
    watcher: Watcher
    say: Callable[[str], None]
    warehouse: Warehouse | None = None


class Decommission:
    """One tenant's end in one environment.

    Args:
        root: the checkout, which holds the tenant no more.
        hold_until: nothing with data in it is destroyed before this day.
        today: UTC.

    Raises:
        StillInGit, NeverDeployed, NoRetention: see there.
    """

    def __init__(self, root: Path, tenant: str, places: Places, *, today: date, hold_until: date | None = None) -> None:
        self._places = places
        spec, clients = places.spec, places.clients
        self.stack = StackId(spec.environment, tenant)
        refuse_wanted(root, self.stack)
        self._names = Names(spec, tenant)
        bucket = self._names.platform.bucket("ledger")
        self._ledger = Ledger(clients("s3"), bucket, spec.environment)
        self._evidence = Evidence(clients("s3"), bucket, spec.environment, tenant)
        self._store = ReleaseStore(clients("s3"), self._names.platform.bucket("releases"))
        self._root, self._today, self._hold_until = root, today, hold_until

    def decide(self, unlock: str = "") -> Decision:
        """Return what would become of the tenant; nothing is changed but files of this checkout.

        Args:
            unlock: id of a state lock that is taken away first, because its holder is gone.
        """
        refuse_templates(self._places.clients("cloudformation"), self.stack)
        folder = self._root / ".sluice" / "decommission" / str(self.stack)
        trusted = trusted_keys(self._root, self.stack.environment, "release")
        folder.mkdir(parents=True, exist_ok=True)
        self.source = fetch(self.stack, self._ledger.history(), self._store, trusted, folder)
        self._places.say(f"{self.stack}: destroyed with the Terraform of release {self.source.release[:16]}")
        self._rules = self._made_rules(self.source)
        self._documents = self._evidence.documents()
        places = self._places
        self._workshop = Workshop(
            self.source.root,
            self._root / ".sluice" / "cache",
            self.stack,
            places.variables,
            places.interruption,
            places.watcher,
        )
        if unlock:
            self._workshop.unlock(unlock)
        planned = self._workshop.plan()
        is_asked = places.warehouse and self.source.has_warehouse
        schema = places.warehouse.schema(self._names.schema) if places.warehouse and is_asked else None
        return decide(self.stack, self._names, planned, places.clients, self._rules, self.kept_before, schema)

    @property
    def spec(self) -> EnvironmentSpec:
        return self._places.spec

    @property
    def kept_before(self) -> list[Kept]:
        """What the newest evidence says is kept."""
        return kept_in(self._documents[-1]) if self._documents else []

    @property
    def last(self) -> dict[str, Any]:
        """The newest evidence; empty before the first."""
        return self._documents[-1] if self._documents else {}

    @property
    def by_hand(self) -> list[str]:
        """What nobody destroys but a person: it stands in no state, and carries no tags."""
        left = []
        if self.source.has_warehouse and not self._places.warehouse:
            left.append(f'in the warehouse, for {ROLE} names no role: DROP SCHEMA "{self._names.schema}" CASCADE')
        if self.source.pipelines and not self._places.engine:
            named = ", ".join(self.source.pipelines)
            left.append(f"on StreamSets, for {CONNECTION} holds no connection: delete {named}")
        if not self._places.variables.get(AUTHORITY):
            left.append(f"in the authority, for {AUTHORITY} is not set: say that {self.stack.name} is retired")
        return left

    @property
    def is_finished(self) -> bool:
        """Whether everything was done, nothing was left, and the ledger says so."""
        return is_finished(self.stack, self.last, self._ledger.history())

    @property
    def approved_before(self) -> tuple[str, str]:
        """Who approved what the newest evidence began, and the digest of the approval."""
        return str(self.last.get("approved_by", "")), str(self.last.get("approval", ""))

    def at_work(self) -> list[str]:
        """Return what of the tenant is at work now."""
        places = self._places
        return drain.running(places.airflow, places.clients, self._names, places.engine, self.source.pipelines)

    def drain(self, minutes: float) -> None:
        """Pause the DAG and wait until nothing of the tenant is at work.

        Raises:
            StillRunning: something is, after `minutes`.
        """
        is_known = drain.pause(self._places.airflow, self._names)
        dag = self._names.dag_id
        self._places.say(f"DAG {dag} is paused" if is_known else f"Airflow knows no DAG {dag}: it starts no runs")
        drain.wait(self.at_work, str(self.stack), minutes, self._places.say, self._go_on)

    def carry_out(self, decision: Decision, order: Order) -> dict[str, Any]:
        """Do what was decided and return the evidence; see `delivery.decommission.carry_out`."""
        places, engine = self._places, self._places.engine
        site = Site(
            self._names,
            places.clients,
            self._workshop,
            self._evidence,
            self._ledger,
            places.say,
            self._go_on,
            warehouse=places.warehouse,
        )
        pipelines = engine.delete(self.source.pipelines) if engine else []
        document = {
            "environment": self.stack.environment,
            "tenant": self.stack.name,
            "release": self.source.release,
            "pipelines": {"asked": engine is not None, "deleted": pipelines, "known": list(self.source.pipelines)},
            "authority": self._retired(order),
            "by_hand": self.by_hand,
        }
        return carry_out(site, decision, self._rules, order, document, len(self._documents))

    def _go_on(self) -> None:
        if self._places.interruption.is_requested:
            raise Interrupted(f"{self.stack}: interrupted", fix="run the same command again: it continues from there")

    def _made_rules(self, source: Source) -> Rules:
        spec, values = self._places.spec, source.values
        is_protected = spec.deletion_protection or bool(values.get("deletion_protection", True))
        days = values.get("retention_days")
        if is_protected and not isinstance(days, int):
            raise NoRetention(
                f"{self.stack}: release {source.release[:16]} does not say how long its data must be kept",
                expected="retention_days in its terraform.tfvars.json, as a render writes it",
            )
        return Rules(int(days or 0), is_protected, self._names.bucket("raw"), self._hold_until, self._today)

    def _retired(self, order: Order) -> list[dict[str, Any]] | str:
        """Let nothing new be published, and return what the authority has of the tenant: all that stays readable."""
        url = self._places.variables.get(AUTHORITY)
        if not url:
            return f"not asked: {AUTHORITY} is not set; what was published stays recorded"
        if retire(url, self.stack.name, f"{order.ticket}: decommissioned in {self.stack.environment} by {order.by}"):
            self._places.say(f"authority: {self.stack.name} is retired; nothing new is published for it")
        authority = Authority(url)
        try:
            found = authority.datasets(self.stack.name)
        finally:
            authority.close()
        return [
            {
                "dataset": item.dataset,
                "id": str(item.dataset_id),
                "versions": item.versions,
                "retired_at": str(item.retired_at or ""),
            }
            for item in found
        ]


def is_finished(stack: StackId, last: Mapping[str, Any], history: Sequence[Record]) -> bool:
    """Tell whether the newest evidence is of a decommission that ended well and is in the ledger.

    Args:
        last: the newest evidence; empty before the first.
    """
    if last.get("stage") != FINISHED or last["orphans"]:
        return False
    records = [record for record in history if record.event == "decommissioned"]
    return any(record.plans.get(str(stack)) == last["digest"] for record in records)

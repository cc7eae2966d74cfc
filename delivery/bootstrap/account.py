"""The stack that prepares an environment's account: which values it gets, and what is asked before it is made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from delivery.cloudformation.proposals import TemplateRefused, Wanted
from delivery.errors import DeliveryError
from generator.model import PLATFORM, EnvironmentSpec
from generator.names import Names
from generator.resolve.decisions import resolve_platform
from policies.artefacts import cloudformation_yaml
from policies.artefacts.cloudformation import Template
from policies.artefacts.places import ACCOUNT, ACCOUNT_VALUES
from policies.artefacts.secrets import TextFile
from policies.artefacts.template_parameters import given_parameters
from policies.errors import Undecided
from policies.judge import judge_artefacts
from policies.judge_template import judge_template
from policies.registry import load_checks
from policies.surroundings import Surroundings
from policies.verdict import Judgement, Verdict

STACK = "bootstrap"
STACK_NAME_LIMIT = 128
MARK = "sluice-stack"
"""Tag by which the stack is known; it has no template of a tenant, so it is never taken for one that lost its own."""
JENKINS, OWNER, ADMINISTRATOR = "JenkinsRoleArn", "Owner", "AdministratorRole"


class AccountRefused(DeliveryError):
    """The gate refuses the account's template with these values (exit 1), or has no verdict on it (exit 4)."""

    def __init__(self, environment: str, judgements: list[Judgement]) -> None:
        self.judgements = judgements
        self.exit_code = 4 if any(item.verdict is Verdict.NO_VERDICT for item in judgements) else 1
        lines = [f"{item.check} {item.verdict.value}  {item.subject.address}: {item.found}" for item in judgements]
        super().__init__(
            f"{environment}: the account is left alone, the gate refuses its template\n  " + "\n  ".join(lines)
        )


class ValuesMissing(DeliveryError):
    """Nothing says what the account's template needs to know, or two things say it differently."""

    exit_code = 2


@dataclass(frozen=True)
class Account:
    """One environment's account as its template would prepare it.

    Attributes:
        values: text of environments/<environment>/bootstrap.json.
    """

    root: Path
    spec: EnvironmentSpec
    values: str

    @property
    def values_path(self) -> str:
        return ACCOUNT_VALUES.format(environment=self.spec.environment)

    def template(self) -> Template:
        """Return the template with its values, as the gate reads it."""
        surroundings = Surroundings(self.root, datetime.now(UTC).date())
        context = replace(surroundings.context(self.spec.environment, PLATFORM), is_bootstrap=True)
        return Template(ACCOUNT, (self.root / ACCOUNT).read_text("utf-8"), context, self.values, self.values_path)

    def wanted(self) -> Wanted:
        """Return the stack that prepares the account.

        Raises:
            TemplateRefused: template or values cannot be read.
        """
        template = self.template()
        try:
            declared = cloudformation_yaml.load(template.text, ACCOUNT)["Parameters"]
            parameters = given_parameters(declared, template.context, self.values, self.values_path)
        except Undecided as error:
            raise TemplateRefused(f"{ACCOUNT}: cannot be used in {self.spec.environment}", why=str(error)) from error
        names = Names(self.spec)
        return Wanted(
            environment=self.spec.environment,
            tenant=PLATFORM,
            name=names.entity(STACK, STACK_NAME_LIMIT),
            path=ACCOUNT,
            template=template.text,
            parameters=parameters,
            tags={**resolve_platform(self.spec).tags, MARK: STACK},
            identity=("env", MARK),
        )

    def judge(self) -> int:
        """Have the gate judge the template with these values, and return how many verdicts it gave.

        Raises:
            AccountRefused: it may not be used.
            PolicyError: the gate cannot be relied on.
        """
        template, checks = self.template(), load_checks()
        texts = [
            TextFile(ACCOUNT, template.text, template.context),
            TextFile(self.values_path, self.values, template.context),
        ]
        found = [*judge_artefacts([template, *texts], checks), *judge_template(template, checks)]
        refused = [item for item in found if item.verdict in (Verdict.FAILED, Verdict.NO_VERDICT)]
        if refused or not found:
            raise AccountRefused(self.spec.environment, refused)
        return len(found)

    @property
    def administrator(self) -> str:
        """The role that makes the stack and administers its keys."""
        given = _values(self.values, self.values_path).get(ADMINISTRATOR)
        declared: Mapping[str, Any] = cloudformation_yaml.load((self.root / ACCOUNT).read_text("utf-8"), ACCOUNT)
        return str(given or declared["Parameters"][ADMINISTRATOR]["Default"])


def account_of(root: Path, spec: EnvironmentSpec, jenkins_role: str = "") -> Account:
    """Return the account of an environment, with the values that Git holds, or those for a new one.

    Args:
        jenkins_role: beginning of the ARNs of Jenkins' roles; needed while there is no bootstrap.json.

    Raises:
        ValuesMissing: neither says it, or both do and differ.
    """
    path = ACCOUNT_VALUES.format(environment=spec.environment)
    if not (root / path).is_file():
        if not jenkins_role:
            raise ValuesMissing(
                f"{path}: does not exist",
                expected='{"JenkinsRoleArn": "arn:aws:iam::<account>:role/<beginning>", "Owner": "<mail address>"}',
                why="the roles of the account trust nobody by default",
                fix="name it once: --jenkins-role arn:aws:iam::…:role/sluice-jenkins",
            )
        return Account(root, spec, json.dumps({JENKINS: jenkins_role, OWNER: spec.alerts_email}, indent=1) + "\n")
    text = (root / path).read_text("utf-8")
    said = _values(text, path).get(JENKINS)
    if jenkins_role and said != jenkins_role:
        raise ValuesMissing(
            f"{path}: {JENKINS} is {said!r}, and --jenkins-role says {jenkins_role!r}",
            why="whom an account trusts is reviewed: it changes in Git",
            fix=f"change {path}, commit it, and run this without --jenkins-role",
        )
    return Account(root, spec, text)


def _values(text: str, path: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ValuesMissing(f"{path}: holds no JSON", why=str(error)) from error
    if not isinstance(found, dict):
        raise ValuesMissing(f"{path}: holds {type(found).__name__}, not a mapping of parameters to values")
    return found

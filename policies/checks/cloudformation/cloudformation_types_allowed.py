"""CloudFormation templates hold only what the gate can judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policies.artefacts.cloudformation import Template
from policies.artefacts.known_paths import unknown_paths
from policies.check import ArtefactCheck
from policies.data import cloudformation_types

SECTIONS = (
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Mappings",
    "Conditions",
    "Resources",
    "Outputs",
)
MAKERS = ("Fn::Transform", "Fn::ForEach")
SETTINGS = ("DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata")


class CloudformationTypesAllowed(ArtefactCheck):
    """Requirement: every resource type and property is one of the table that checks judge by; no macros and
    includes in any section, no nested stacks, nothing under a condition.
    Unknown is treated as: failed: it cannot be judged.
    Source: SOC 2 CC8.1; policies/data/cloudformation_types.yaml.
    """

    control = "CSO_CFN_02"
    check_id = "CSO_CFN_02"
    title = "CloudFormation templates hold only what the gate can judge"
    artefact = "cloudformation"

    def judge(self, artefact: Template) -> Iterator[str | tuple[str, int]]:
        for section in artefact.document:
            if section not in SECTIONS:
                yield f"the section {section} makes what the template does not show"
        for maker in sorted(set(_makers(artefact.document))):
            yield f"{maker} makes what the template does not show"
        if not artefact.declared:
            yield "the template has no resources"
        for item in artefact.declared.values():
            mapped = cloudformation_types.types().get(item.type)
            if mapped is None:
                yield f"{item.logical_id}: no check judges {item.type}", item.line
                continue
            for path in unknown_paths(mapped.properties, item.properties):
                yield f"{item.logical_id}: no check judges the property {path} of {item.type}", item.line
            for setting in item.settings:
                if setting not in SETTINGS:
                    yield f"{item.logical_id}: under {setting} nobody can say what will be there", item.line


def _makers(value: Any) -> Iterator[str]:
    """Yield the functions that CloudFormation replaces before it reads the template, wherever they stand."""
    if isinstance(value, Mapping):
        yield from (str(key) for key in value if str(key).startswith(MAKERS))
        yield from (maker for item in value.values() for maker in _makers(item))
    elif isinstance(value, list):
        yield from (maker for item in value for maker in _makers(item))


check = CloudformationTypesAllowed()

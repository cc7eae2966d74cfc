"""A stack's security configuration has the name by which its clusters find it."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names
from policies.check import Resource, ResourceCheck


class EmrSecurityConfigurationNamed(ResourceCheck):
    """Requirement: a stack makes one security configuration, `<organisation>-<environment>-<stack>-emr`: none that
    nothing should use, and none under the name of another stack's.
    Unknown is treated as: no verdict.
    Source: FSBP EMR.3 and EMR.4.
    """

    control = "CSO_EMR_05"
    check_id = "CSO_EMR_05_NAME"
    title = "A stack's security configuration has the name by which its clusters find it"
    types = ("aws_emr_security_configuration",)

    def judge(self, resource: Resource) -> Iterator[str]:
        name, expected = resource.get("name"), emr_names.security_configuration(resource.context)
        if name != expected:
            yield f"name is {name!r}, not {expected!r}"


check = EmrSecurityConfigurationNamed()

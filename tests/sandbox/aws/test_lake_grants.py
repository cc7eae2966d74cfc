"""Lake Formation refuses to revoke what nobody was granted, which Terraform waits for when it destroys a permission."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.accounts import Door
from sandbox.lifecycle import Sandbox

pytestmark = pytest.mark.sandbox
GRANT: dict[str, Any] = {
    "Principal": {"DataLakePrincipalIdentifier": "arn:aws:iam::111111111111:role/airflow"},
    "Resource": {"Database": {"Name": "claims"}},
    "Permissions": ["DESCRIBE"],
}


def test_a_grant_is_revoked_once(sandbox: Sandbox) -> None:
    lake = Door(sandbox.endpoint).client("lakeformation", "111111111111")
    with pytest.raises(ClientError, match=r"No permissions revoked\. Grantee does not have"):
        lake.revoke_permissions(**GRANT)
    lake.grant_permissions(**GRANT)
    lake.revoke_permissions(**GRANT)
    assert lake.list_permissions()["PrincipalResourcePermissions"] == []
    with pytest.raises(ClientError, match="InvalidInputException"):
        lake.revoke_permissions(**GRANT)

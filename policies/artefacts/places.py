"""Where each kind of file stands. Everything that stands elsewhere is of no kind, and the search refuses it.

Patterns are of paths below a folder: `*` is any text without a slash, `**` any text. The first that fits decides;
TEXT is a file that is only searched for secrets, because another part of the gate judges what it does.
"""

from __future__ import annotations

import re
from functools import lru_cache

TEXT = ""

Places = tuple[tuple[str, str], ...]
"""(pattern, kind) in the order of preference."""

RENDERED: Places = (
    ("dag/*.py", "dag"),
    ("dag/job_flow.json", "job_flow"),
    ("dag/ingest/*.json", "pipeline"),
    ("dag/warehouse/**.sql", "warehouse_sql"),
    ("terraform/*.tf", TEXT),
    ("terraform/terraform.tfvars.json", TEXT),
    ("terraform/backend.tf.json", TEXT),
    ("terraform/.terraform.lock.hcl", TEXT),
    ("contracts.json", TEXT),
    ("MANIFEST.json", TEXT),
)
"""Below environments/<environment>/rendered/<stack>/. Terraform is judged by its plan."""

TENANT: Places = (
    ("tenant.yaml", "spec"),
    ("contracts/*.odcs.yaml", "contract"),
    ("reports/*.sql", TEXT),
    ("cloudformation/*.yaml", TEXT),
    ("cloudformation/*.json", TEXT),
)
"""Below tenants/<tenant>/. A report is judged as the SQL that is rendered from it, a template in each environment."""

ACCOUNT = "delivery/bootstrap/account.yaml"
"""The template by which every environment's account is prepared; judged in each, with its parameters there."""
ACCOUNT_VALUES = "environments/{environment}/bootstrap.json"

ENVIRONMENT: Places = (("**environment.yaml", TEXT),)
"""environments/<environment>/environment.yaml itself; what it says is in the plan."""

CODE: Places = (("**.py", "spark_job"),)
"""Below spark_jobs/<package of a tenant>/."""

SCANNED = (
    "Jenkinsfile",
    "ci",
    "dags",
    "spark_jobs",
    "authority/migrations",
    "cloudformation",
    "modules",
    "policies",
)
"""What stacks share; each is looked for from the repository's root, and need not be there."""

SHARED: Places = (
    ("Jenkinsfile", "jenkinsfile"),
    ("ci/**.Jenkinsfile", "jenkinsfile"),
    ("ci/**.groovy", "jenkinsfile"),
    ("ci/**", TEXT),
    ("dags/*.py", "dag_runtime"),
    ("dags/py.typed", TEXT),
    ("dags/pools.json", TEXT),
    ("spark_jobs/__init__.py", "spark_job"),
    ("spark_jobs/runtime/**.py", "spark_job"),
    ("authority/migrations/sql/**.sql", "migration"),
    ("authority/migrations/versions/__init__.py", TEXT),
    ("authority/migrations/versions/*.py", "migration"),
    ("authority/migrations/**.py", TEXT),
    ("authority/migrations/**.ini", TEXT),
    ("authority/migrations/**.mako", TEXT),
    ("cloudformation/**.yaml", "cloudformation"),
    ("cloudformation/**.yml", "cloudformation"),
    ("cloudformation/**.json", "cloudformation"),
    ("cloudformation/**.template", "cloudformation"),
    ("cloudformation/**.md", TEXT),
    ("modules/**", TEXT),
    ("policies/**", TEXT),
)

CLASSES = {
    "spec": "documents",
    "contract": "documents",
    "spark_job": "code",
    "dag": "dag",
    "dag_runtime": "code",
    "job_flow": "documents",
    "pipeline": "documents",
    "warehouse_sql": "sql",
    "migration": "sql",
    "cloudformation": "cloudformation",
    "jenkinsfile": "jenkinsfile",
    "secret_scan": "secrets",
}
"""{kind: module of policies.artefacts that holds its class}."""


def kind_of(places: Places, path: str) -> str | None:
    """Return the kind of the file at `path`, TEXT, or None where nothing that stands there is known."""
    return next((kind for pattern, kind in places if _compiled(pattern).fullmatch(path)), None)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = {"**": ".*", "*": "[^/]*"}
    return re.compile("".join(parts.get(part, re.escape(part)) for part in re.split(r"(\*\*|\*)", pattern)))

"""What every process here would read of AWS's services, read once before they are forked."""

from __future__ import annotations

from delivery import aws
from generator.spec import load_environment
from tests.delivery.kill_matrix.killer import REPOSITORY

VARIABLES = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}

for service in ("cloudformation", "s3", "sts"):
    aws.client(service, load_environment(REPOSITORY, "dev"), VARIABLES)

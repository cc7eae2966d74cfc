"""Prepares Spark once for a machine: compiles the file system and archives the classes that jobs load.

`python -m sandbox.emr.spark.prepare` is for the installer. Without the archive steps run too, at more than twice the
cost.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

from sandbox.emr.spark import build
from sandbox.emr.spark.build import SparkBuildError
from sandbox.emr.spark.java import JavaNotFoundError, find_jdk
from sandbox.emr.spark.submit import Session, spark_submit

TRAINING_JOB = Path(__file__).with_name("training_job.py")
ACCESS_KEY = "AKIASLUICETRAINING00"
BUCKET = "training"


def prepare() -> Path:
    """Make the class archive unless it is there, and return its path. Takes about a minute the first time.

    The JVM writes the archive when a training job ends, a real one on an S3 of its own, so that it holds what steps
    load: spark-submit, PySpark's gateway, SQL, Parquet and the `s3://` file system.

    Raises:
        SparkBuildError: the training job failed.
        JavaNotFoundError: this machine cannot run Spark.
    """
    jdk = find_jdk()
    jar = build.file_system_jar(jdk)
    archive = build.class_archive(jdk, jar)
    if archive.exists():
        return archive
    with tempfile.TemporaryDirectory(prefix="spark-", dir=archive.parent) as folder:
        half = Path(folder) / archive.name
        _train(Path(folder), half)
        half.replace(archive)
    for outdated in {*archive.parent.glob("classes-*.jsa"), *archive.parent.glob("s3-*.jar")} - {archive, jar}:
        outdated.unlink(missing_ok=True)
    return archive


def _train(folder: Path, archive: Path) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        session = Session(f"http://{host}:{port}", "us-east-1", ACCESS_KEY, "unused", "")
        _upload(session)
        job = [f"s3://{BUCKET}/{TRAINING_JOB.name}", f"s3://{BUCKET}/data"]
        command = spark_submit(job, session, folder, jvm_options=(f"-XX:ArchiveClassesAtExit={archive}",))
        done = subprocess.run(
            command.arguments, env=dict(command.environment), cwd=folder, capture_output=True, text=True, check=False
        )
    finally:
        server.stop()
    if done.returncode != 0 or not archive.exists():
        raise SparkBuildError(f"Spark's training job ended with {done.returncode}\n{done.stdout}{done.stderr}")


def _upload(session: Session) -> None:
    s3 = boto3.client(
        "s3",
        endpoint_url=session.endpoint,
        region_name=session.region,
        aws_access_key_id=session.access_key,
        aws_secret_access_key=session.secret_key,
    )
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=TRAINING_JOB.name, Body=TRAINING_JOB.read_bytes())


def main() -> int:
    try:
        archive = prepare()
    except (JavaNotFoundError, SparkBuildError) as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"Spark is ready: {archive.stat().st_size >> 20} MB of classes archived")
    return 0


if __name__ == "__main__":
    sys.exit(main())

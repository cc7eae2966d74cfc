"""What is taken from a spark-submit that was written for a cluster, and what is not."""

import pytest

from sandbox.emr.spark.arguments import UnsupportedArgumentError, cluster_defaults, for_one_machine


def test_a_rendered_step() -> None:
    job = ["s3://code/job.py", "--job", "conform", "--master", "yarn", "--conf", "spark.executor.memory=4g"]
    sizes = ["--conf", "spark.executor.memory=18g", "--conf", "spark.dynamicAllocation.maxExecutors=8"]
    submission = for_one_machine(
        [
            *("--deploy-mode", "cluster", "--master=yarn", "--conf", "spark.sql.ansi.enabled=true"),
            *sizes,
            *("--num-executors", "4", "--supervise", "--verbose", "--py-files", "s3://code/jobs.zip"),
            *job,
        ]
    )
    assert list(submission.arguments) == [
        *("--conf", "spark.sql.ansi.enabled=true", "--verbose", "--py-files", "s3://code/jobs.zip"),
        *job,
    ]
    expected = ["--deploy-mode", "cluster", "--master", "yarn", *sizes, "--num-executors", "4", "--supervise"]
    assert list(submission.left_out) == expected


def test_values_with_equal_signs_stay_whole() -> None:
    arguments = ["--conf=spark.hadoop.a=b=c", "--name", "x=y", "job.py"]
    kept = for_one_machine(arguments).arguments
    assert kept == ("--conf", "spark.hadoop.a=b=c", "--name", "x=y", "job.py")


@pytest.mark.parametrize("arguments", [["--conf"], ["--properties-file", "s3://code/own.conf", "job.py"]])
def test_what_cannot_be_honoured_is_refused(arguments: list[str]) -> None:
    with pytest.raises(UnsupportedArgumentError, match=arguments[0]):
        for_one_machine(arguments)


@pytest.mark.parametrize("lower", [False, True])
def test_a_clusters_defaults_in_either_spelling(lower: bool) -> None:
    properties = {"spark.sql.ansi.enabled": "true", "spark.executor.cores": "4", "spark.hadoop.fs.s3.impl": "x.Y"}
    names = ("classification", "properties") if lower else ("Classification", "Properties")
    configurations = [dict(zip(names, ("spark-defaults", properties), strict=True))]
    configurations.append(dict(zip(names, ("core-site", {"spark.no": "1"}), strict=True)))
    assert cluster_defaults(configurations) == {"spark.sql.ansi.enabled": "true"}

"""What Spark gets: the order of jobs, the command line of each, the machines of a transient cluster.

Decides from what jobs read and write and from their compute classes. It must not know EMR's document
(`render/job_flow.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.model import Cluster, Job
from generator.names import Names
from generator.resolve.locations import Locations
from generator.resolve.run_values import AS_OF, ATTEMPT
from generator.resolve.stack import Capacity

MOST_CONCURRENT_STEPS = 10
"""EMR allows 256; more than ten drivers on two core nodes starve each other."""


@dataclass(frozen=True)
class ComputeClass:
    """What one job may use at most. An executor has 4 cores and 8 GiB, so a worker of size 2xlarge holds two."""

    max_executors: int

    @property
    def units(self) -> int:
        """Workers that hold all its executors."""
        return -(-self.max_executors // EXECUTORS_PER_UNIT)


EXECUTORS_PER_UNIT = 2
EXECUTOR_CORES = 4
EXECUTOR_MEMORY = "8g"
DRIVER_MEMORY = "2g"

COMPUTE_CLASSES = {
    "small": ComputeClass(max_executors=4),
    "medium": ComputeClass(max_executors=12),
    "large": ComputeClass(max_executors=32),
}


def run_order(jobs: Mapping[str, Job]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return (job, jobs it must follow) in an order in which they can run: by depth, then by name."""
    after = _predecessors(jobs)
    depth = _depths(after)
    return tuple((name, after[name]) for name in sorted(jobs, key=lambda name: (depth[name], name)))


def capacity(jobs: Mapping[str, Job], cluster: Cluster) -> Capacity:
    """Return the machines of a cluster that runs these jobs: the widest moment of the graph, within the limit.

    Task nodes are Spot. Where one job is time-critical they are On-Demand for all: the jobs share one cluster.
    """
    depth = _depths(_predecessors(jobs))
    levels = [[jobs[name] for name in jobs if depth[name] == level] for level in sorted(set(depth.values()))]
    peak = max(sum(COMPUTE_CLASSES[job.compute].units for job in level) for level in levels)
    room = cluster.max_units - cluster.core_units
    return Capacity(
        core_units=cluster.core_units,
        task_units=max(0, min(peak - cluster.core_units, room)),
        is_task_on_demand=any(job.time_critical for job in jobs.values()),
        concurrent_steps=min(MOST_CONCURRENT_STEPS, max(len(level) for level in levels)),
    )


def step_arguments(
    name: str, job: Job, entrypoint: str, sources: tuple[str, ...], locations: Locations, code_version: str
) -> tuple[str, ...]:
    """Return the command line of a step, in the order in which `spark_jobs.runtime` documents it."""
    code = locations.code(code_version)
    compute = COMPUTE_CLASSES[job.compute]
    arguments = ["spark-submit", "--deploy-mode", "cluster", "--master", "yarn"]
    for key, value in _spark_settings(compute, locations.names).items():
        arguments += ["--conf", f"{key}={value}"]
    arguments += ["--py-files", f"{code}/jobs.zip", f"{code}/{entrypoint}/job.py"]
    arguments += ["--job", name, "--as-of", AS_OF, "--attempt", ATTEMPT, "--code-version", code_version]
    arguments += ["--contracts", f"{code}/contracts.json"]
    for read in sorted(job.reads):
        location = locations.raw_attempt(read) if read in sources else locations.curated_attempt(read)
        arguments += ["--read", f"{read}={location}"]
    for write in sorted(job.writes):
        arguments += ["--write", f"{write}={locations.curated_attempt(write)}"]
    return tuple(arguments)


def _spark_settings(compute: ComputeClass, names: Names) -> dict[str, str]:
    """Return Spark's properties: sizes, and the tenant's key, without which its buckets refuse what is written.

    Source: EMR Release Guide, "Amazon S3 connectors": releases from 7.10 on write through S3A, not EMRFS.
    """
    return {
        "spark.driver.memory": DRIVER_MEMORY,
        "spark.dynamicAllocation.maxExecutors": str(compute.max_executors),
        "spark.executor.cores": str(EXECUTOR_CORES),
        "spark.executor.memory": EXECUTOR_MEMORY,
        "spark.hadoop.fs.s3a.encryption.algorithm": "SSE-KMS",
        "spark.hadoop.fs.s3a.encryption.key": names.kms_key_arn,
    }


def _predecessors(jobs: Mapping[str, Job]) -> dict[str, tuple[str, ...]]:
    writer = {dataset: name for name, job in jobs.items() for dataset in job.writes}
    return {name: tuple(sorted({writer[read] for read in job.reads if read in writer})) for name, job in jobs.items()}


def _depths(after: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Return {job: longest chain of jobs before it}. The spec holds no cycle."""
    depths: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in depths:
            depths[name] = 1 + max((depth(before) for before in after[name]), default=-1)
        return depths[name]

    for name in sorted(after):
        depth(name)
    return depths

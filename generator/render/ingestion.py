"""The values of a StreamSets pipeline that ingests one source.

Decides how Data Collector reads delimited files and writes JSON lines. The pipeline moves and converts; it judges
nothing: `verify_ingest` compares its counts with the source's manifest and Spark reads the trailer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from generator.render.escape import Plain
from generator.resolve.stack import ResolvedSource, Stack

AWS_LIBRARY = "streamsets-datacollector-aws-lib"
BASIC_LIBRARY = "streamsets-datacollector-basic-lib"
STAGE = "com_streamsets_pipeline_stage_"
FORMATS = "com.streamsets.pipeline.api.service.dataformats."
DATE = "as_of=${AS_OF}/"
"""AS_OF and ATTEMPT are the pipeline's runtime parameters."""
LONGEST_RECORD_CHARACTERS = 65536


@dataclass(frozen=True)
class Service:
    service: str
    configuration: dict[str, Plain]
    version: int = 2


@dataclass(frozen=True)
class Stage:
    """One stage of a pipeline; lanes connect an output to an input of the same name."""

    instance: str
    library: str
    stage: str
    version: str
    kind: str
    x: int
    configuration: dict[str, Plain]
    services: tuple[Service, ...] = ()
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)


def pipeline_values(stack: Stack, source: ResolvedSource) -> dict[str, object]:
    """Return what the pipeline template lays out."""
    return {
        "pipeline_id": source.pipeline_id,
        "description": f"Ingests {source.name} of {stack.name}: landing to raw, delimited to JSON lines.",
        "labels": ["sluice", stack.name],
        "pipeline": {
            "executionMode": "STANDALONE",
            "deliveryGuarantee": "AT_LEAST_ONCE",
            "shouldRetry": True,
            "retryAttempts": 3,
            "constants": [{"key": "AS_OF", "value": ""}, {"key": "ATTEMPT", "value": ""}],
        },
        "stages": (_origin(stack, source), _destination(stack, source), _finisher()),
    }


def _origin(stack: Stack, source: ResolvedSource) -> Stage:
    """Read every data object of the business date; manifest.json does not match the pattern."""
    parser: dict[str, Plain] = {
        "dataFormat": "DELIMITED",
        "dataFormatConfig.charset": "UTF-8",
        "dataFormatConfig.csvFileFormat": "CUSTOM",
        "dataFormatConfig.csvCustomDelimiter": source.delimiter,
        "dataFormatConfig.csvHeader": "NO_HEADER",
        "dataFormatConfig.csvRecordType": "LIST_MAP",
        "dataFormatConfig.csvMaxObjectLen": LONGEST_RECORD_CHARACTERS,
    }
    bean = "s3ConfigBean."
    return Stage(
        instance="S3Origin_01",
        library=AWS_LIBRARY,
        stage=f"{STAGE}origin_s3_AmazonS3DSource",
        version="13",
        kind="SOURCE",
        x=60,
        configuration={
            **_connection(stack, f"{bean}s3Config.connection."),
            f"{bean}s3Config.bucket": stack.names.bucket("landing"),
            f"{bean}s3Config.commonPrefix": f"{source.prefix}{DATE}",
            f"{bean}s3FileConfig.prefixPattern": "*.dat",
            f"{bean}s3FileConfig.objectOrdering": "LEXICOGRAPHICAL",
        },
        services=(Service(f"{FORMATS}DataFormatParserService", parser),),
        outputs=["records"],
        events=["origin_events"],
    )


def _destination(stack: Stack, source: ResolvedSource) -> Stage:
    """Write below the attempt's own prefix: a repeated ingestion never mixes with an earlier one."""
    generator: dict[str, Plain] = {
        "dataFormat": "JSON",
        "dataGeneratorFormatConfig.charset": "UTF-8",
        "dataGeneratorFormatConfig.jsonMode": "MULTIPLE_OBJECTS",
    }
    bean = "s3TargetConfigBean."
    return Stage(
        instance="S3Target_01",
        library=AWS_LIBRARY,
        stage=f"{STAGE}destination_s3_AmazonS3DTarget",
        version="13",
        kind="TARGET",
        x=500,
        configuration={
            **_connection(stack, f"{bean}s3Config.connection."),
            f"{bean}s3Config.bucketTemplate": stack.names.bucket("raw"),
            f"{bean}s3Config.commonPrefix": f"{source.prefix}{DATE}attempt=${{ATTEMPT}}/",
            f"{bean}fileNamePrefix": "sdc",
            f"{bean}fileNameSuffix": "json",
        },
        services=(Service(f"{FORMATS}DataFormatGeneratorService", generator),),
        inputs=["records"],
    )


def _finisher() -> Stage:
    """End the pipeline when the origin has no more data: it reaches FINISHED by itself."""
    return Stage(
        instance="Finisher_01",
        library=BASIC_LIBRARY,
        stage=f"{STAGE}executor_finishpipeline_PipelineFinisherDExecutor",
        version="1",
        kind="EXECUTOR",
        x=300,
        configuration={"stageRecordPreconditions": ["${record:eventType() == 'no-more-data'}"]},
        inputs=["origin_events"],
    )


def _connection(stack: Stack, prefix: str) -> dict[str, Plain]:
    """Use the engine's instance profile; no key stands in a pipeline."""
    region = stack.environment.region.upper().replace("-", "_")
    options: dict[str, Plain] = {"awsConfig.credentialMode": "WITH_IAM_ROLES", "useRegion": True, "region": region}
    return {prefix + option: value for option, value in options.items()}

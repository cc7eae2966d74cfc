"""The stages, formats and settings of Data Collector that the stand-in carries out; whatever else is asked is refused.

A table of what is known, and for each setting the values that are honoured. It must not know how they are run.

Source: datacollector-oss, stage version 13 of the Amazon S3 origin and destination, version 2 of the data format
services: names of settings are those of the beans' fields there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STAGE = "com_streamsets_pipeline_stage_"
SERVICE = "com.streamsets.pipeline.api.service.dataformats."
ANY = None
"""A setting whose value is used as it is, or one that changes nothing here."""
Values = frozenset[object] | None


def one_of(*values: object) -> Values:
    return frozenset(values)


DISCARD = f"{STAGE}destination_devnull_ToErrorNullDTarget"
"""What becomes of error records: they are counted and dropped."""
PIPELINE: Mapping[str, Values] = {
    "executionMode": one_of("STANDALONE"),
    "deliveryGuarantee": one_of("AT_LEAST_ONCE"),
}
PIPELINE_DEFAULTS: Mapping[str, object] = {"executionMode": "STANDALONE", "deliveryGuarantee": "AT_LEAST_ONCE"}
CONNECTION: Mapping[str, Values] = {
    "connectionSelection": one_of("MANUAL"),
    "connection.awsConfig.credentialMode": one_of("WITH_IAM_ROLES"),
    "connection.awsConfig.isAssumeRole": one_of(False),
    "connection.useRegion": ANY,
    "connection.region": ANY,
    "connection.proxyConfig.connectionTimeout": ANY,
    "connection.proxyConfig.socketTimeout": ANY,
    "connection.proxyConfig.retryCount": ANY,
    "connection.proxyConfig.useProxy": one_of(False),
    "delimiter": one_of("/"),
    "commonPrefix": ANY,
}
ORIGIN: Mapping[str, Values] = {
    **{f"s3ConfigBean.s3Config.{name}": values for name, values in CONNECTION.items()},
    "s3ConfigBean.s3Config.bucket": ANY,
    "s3ConfigBean.s3FileConfig.prefixPattern": ANY,
    "s3ConfigBean.s3FileConfig.objectOrdering": one_of("LEXICOGRAPHICAL"),
    "s3ConfigBean.s3FileConfig.poolSize": ANY,
    "s3ConfigBean.s3FileConfig.overrunLimit": ANY,
    "s3ConfigBean.basicConfig.maxBatchSize": ANY,
    "s3ConfigBean.basicConfig.maxWaitTime": ANY,
    "s3ConfigBean.numberOfThreads": one_of(1),
    "s3ConfigBean.enableMetaData": one_of(False),
    "s3ConfigBean.sseConfig.useCustomerSSEKey": one_of(False),
    "s3ConfigBean.errorConfig.errorHandlingOption": one_of("NONE"),
    "s3ConfigBean.postProcessingConfig.postProcessing": one_of("NONE"),
    "stageOnRecordError": one_of("TO_ERROR"),
}
TARGET: Mapping[str, Values] = {
    **{f"s3TargetConfigBean.s3Config.{name}": values for name, values in CONNECTION.items()},
    "s3TargetConfigBean.s3Config.bucketTemplate": ANY,
    "s3TargetConfigBean.fileNamePrefix": ANY,
    "s3TargetConfigBean.fileNameSuffix": ANY,
    "s3TargetConfigBean.partitionTemplate": one_of(""),
    "s3TargetConfigBean.timeZoneID": ANY,
    "s3TargetConfigBean.timeDriverTemplate": ANY,
    "s3TargetConfigBean.compress": one_of(False),
    "s3TargetConfigBean.sseConfig.useSSE": ANY,
    "s3TargetConfigBean.sseConfig.encryption": one_of("S3", "KMS"),
    "s3TargetConfigBean.sseConfig.kmsKeyId": ANY,
    "s3TargetConfigBean.tmConfig.threadPoolSize": ANY,
    "s3TargetConfigBean.tmConfig.minimumUploadPartSize": ANY,
    "s3TargetConfigBean.tmConfig.multipartUploadThreshold": ANY,
    "stageOnRecordError": one_of("TO_ERROR"),
    "stageRequiredFields": one_of(),
    "stageRecordPreconditions": one_of(),
}
FINISHER: Mapping[str, Values] = {
    "stageRecordPreconditions": ANY,  # judged with the lanes
    "stageOnRecordError": one_of("DISCARD", "TO_ERROR"),
    "config.resetOffset": ANY,
}
PARSER: Mapping[str, Values] = {
    "dataFormat": one_of("DELIMITED", "WHOLE_FILE"),
    "dataFormatConfig.charset": one_of("UTF-8"),
    "dataFormatConfig.compression": one_of("NONE"),
    "dataFormatConfig.csvFileFormat": one_of("CUSTOM"),
    "dataFormatConfig.csvCustomDelimiter": ANY,
    "dataFormatConfig.csvCustomQuote": ANY,
    "dataFormatConfig.csvCustomEscape": ANY,
    "dataFormatConfig.csvHeader": one_of("NO_HEADER"),
    "dataFormatConfig.csvRecordType": one_of("LIST_MAP"),
    "dataFormatConfig.csvMaxObjectLen": ANY,
    "dataFormatConfig.csvIgnoreEmptyLines": ANY,
    "dataFormatConfig.csvEnableComments": one_of(False),
    "dataFormatConfig.csvSkipStartLines": one_of(0),
    "dataFormatConfig.parseNull": one_of(False),
    "dataFormatConfig.wholeFileMaxObjectLen": ANY,
    "dataFormatConfig.verifyChecksum": one_of(False),
}
GENERATOR: Mapping[str, Values] = {
    "dataFormat": one_of("JSON", "WHOLE_FILE"),
    "dataGeneratorFormatConfig.charset": one_of("UTF-8"),
    "dataGeneratorFormatConfig.jsonMode": one_of("MULTIPLE_OBJECTS"),
    "dataGeneratorFormatConfig.fileNameEL": one_of("${record:value('/fileInfo/filename')}"),
    "dataGeneratorFormatConfig.wholeFileExistsAction": one_of("OVERWRITE"),
    "dataGeneratorFormatConfig.includeChecksumInTheEvents": one_of(False),
}
# Data Collector's own defaults for settings that a pipeline leaves out and that matter here.
DEFAULTS: Mapping[str, object] = {
    "s3ConfigBean.s3Config.commonPrefix": "",
    "s3ConfigBean.basicConfig.maxBatchSize": 1000,
    "s3TargetConfigBean.s3Config.commonPrefix": "",
    "s3TargetConfigBean.fileNamePrefix": "sdc",
    "s3TargetConfigBean.fileNameSuffix": "",
    "s3TargetConfigBean.sseConfig.useSSE": False,
    "s3TargetConfigBean.sseConfig.encryption": "S3",
    "s3TargetConfigBean.sseConfig.kmsKeyId": "",
    "dataFormatConfig.csvFileFormat": "CSV",
    "dataFormatConfig.csvCustomDelimiter": "|",
    "dataFormatConfig.csvCustomQuote": '"',
    "dataFormatConfig.csvCustomEscape": "\\",
    "dataFormatConfig.csvHeader": "NO_HEADER",
    "dataFormatConfig.csvRecordType": "LIST_MAP",
    "dataFormatConfig.csvMaxObjectLen": 1024,
    "dataFormatConfig.csvIgnoreEmptyLines": True,
    "dataGeneratorFormatConfig.jsonMode": "MULTIPLE_OBJECTS",
}


@dataclass(frozen=True)
class StageKind:
    """A stage that can be run.

    Attributes:
        settings: {name: values honoured, or ANY}.
        required: settings without a default.
        service: data format service it depends on, and that service's settings.
    """

    role: str
    version: int
    settings: Mapping[str, Values]
    required: tuple[str, ...] = ()
    service: tuple[str, Mapping[str, Values]] | None = None


KINDS: Mapping[str, StageKind] = {
    f"{STAGE}origin_s3_AmazonS3DSource": StageKind(
        "origin",
        13,
        ORIGIN,
        ("s3ConfigBean.s3Config.bucket", "s3ConfigBean.s3FileConfig.prefixPattern"),
        (f"{SERVICE}DataFormatParserService", PARSER),
    ),
    f"{STAGE}destination_s3_AmazonS3DTarget": StageKind(
        "target",
        13,
        TARGET,
        ("s3TargetConfigBean.s3Config.bucketTemplate",),
        (f"{SERVICE}DataFormatGeneratorService", GENERATOR),
    ),
    f"{STAGE}executor_finishpipeline_PipelineFinisherDExecutor": StageKind("finisher", 1, FINISHER),
}

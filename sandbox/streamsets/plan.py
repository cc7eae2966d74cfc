"""A pipeline's JSON, read: what to move from where to where; or every reason why it cannot be run here.

Decides whether a pipeline is understood in full. It must not touch S3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.streamsets.formats import DelimitedFormat
from sandbox.streamsets.stages import (
    ANY,
    DEFAULTS,
    DISCARD,
    KINDS,
    PIPELINE,
    PIPELINE_DEFAULTS,
    StageKind,
    Values,
)

PARAMETER = re.compile(r"\$\{(\w+)\}")
EXPRESSION = re.compile(r"\$\{[^}]*\}")
NO_MORE_DATA = re.compile(r"\$\{\s*record:eventType\(\)\s*==\s*['\"]no-more-data['\"]\s*\}")
BATCH_MAXIMUM = 50_000  # production.maxBatchSize of the engine
GLOB = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True)
class Issue:
    """Why a pipeline is not valid: Data Collector's `Issue`."""

    instance: str
    setting: str
    message: str

    def as_json(self) -> dict[str, Any]:
        return {
            "instanceName": self.instance,
            "serviceName": None,
            "level": "STAGE_CONFIG" if self.setting else "STAGE",
            "configGroup": None,
            "configName": self.setting or None,
            "message": self.message,
            "count": 1,
            "additionalInfo": {},
            "antennaDoctorMessages": [],
        }


class InvalidPipelineError(Exception):
    """A pipeline cannot be run; holds every reason."""

    def __init__(self, pipeline_id: str, issues: list[Issue]) -> None:
        reasons = "; ".join(f"{issue.instance} {issue.setting}: {issue.message}" for issue in issues)
        super().__init__(f"CONTAINER_0165 - Pipeline '{pipeline_id}' cannot be started due to errors: {reasons}")
        self.issues = issues


@dataclass(frozen=True)
class Plan:
    """What a run does.

    Attributes:
        pattern: matched against keys without `source_prefix`.
        format: None moves whole files.
        name_prefix, name_suffix: of written objects, as in `sdc-….json`.
        encryption: arguments of PutObject.
        finishes: whether the end of the data ends the run.
        retries: how often an error is tried again; -1 without end.
    """

    source_bucket: str
    source_prefix: str
    pattern: re.Pattern[str]
    batch_records: int
    format: DelimitedFormat | None
    target_bucket: str
    target_prefix: str
    name_prefix: str
    name_suffix: str
    encryption: Mapping[str, str]
    finishes: bool
    retries: int


def plan(pipeline: Mapping[str, Any], runtime_parameters: Mapping[str, Any]) -> Plan:
    """Read `pipelineConfig` with the parameters of one run.

    Raises:
        InvalidPipelineError: a stage, setting, value or wiring that would not be carried out as written.
    """
    reader = _Reader(pipeline, runtime_parameters)
    made = reader.read()
    if reader.issues or made is None:
        raise InvalidPipelineError(str(pipeline.get("pipelineId")), reader.issues)
    return made


@dataclass(frozen=True)
class _Stage:
    kind: StageKind
    json: Mapping[str, Any]
    settings: Mapping[str, Any]


class _Reader:
    """Reads one pipeline, collecting issues."""

    def __init__(self, pipeline: Mapping[str, Any], runtime_parameters: Mapping[str, Any]) -> None:
        self.issues: list[Issue] = []
        self._pipeline = pipeline
        self._settings = _settings(pipeline)
        constants = {each["key"]: each["value"] for each in self._settings.get("constants") or []}
        self._parameters = {**constants, **runtime_parameters}
        for name in sorted(set(runtime_parameters) - set(constants)):
            self._issue("pipeline", "constants", f"CONTAINER_0166 - runtime parameter {name!r} is not declared")

    def read(self) -> Plan | None:
        self._check_pipeline()
        stages: dict[str, _Stage] = {}
        for json in self._pipeline.get("stages") or []:
            stage = self._stage(json)
            if stage is None:
                continue
            if stage.kind.role in stages:
                self._issue(json["instanceName"], "", f"VALIDATION - a second {stage.kind.role} is not supported here")
            stages[stage.kind.role] = stage
        for role in ("origin", "target"):
            if role not in stages and not self.issues:
                self._issue("pipeline", "", f"VALIDATION_0001 - the pipeline has no {role}")
        if self.issues:
            return None
        finishes = self._check_wiring(stages)
        return self._plan(stages["origin"].settings, stages["target"].settings, finishes)

    def _check_pipeline(self) -> None:
        for name, honoured in PIPELINE.items():
            if not _is_honoured(self._settings.get(name, PIPELINE_DEFAULTS.get(name)), honoured):
                self._issue("pipeline", name, f"VALIDATION - {self._settings[name]!r} is not supported here")
        error_stage = (self._pipeline.get("errorStage") or {}).get("stageName")
        if error_stage is None:
            self._issue("pipeline", "badRecordsHandling", "VALIDATION_0060 - define the error record handling")
        elif error_stage != DISCARD:
            self._issue("pipeline", "badRecordsHandling", f"VALIDATION - {error_stage!r} is not supported here")
        for events in ("startEventStages", "stopEventStages"):
            if self._pipeline.get(events):
                self._issue("pipeline", events, "VALIDATION - event stages are not supported here")

    def _issue(self, instance: str, setting: str, message: str) -> None:
        self.issues.append(Issue(instance, setting, message))

    def _stage(self, json: Mapping[str, Any]) -> _Stage | None:
        instance = json["instanceName"]
        kind = KINDS.get(json["stageName"])
        if kind is None:
            self._issue(instance, "", f"VALIDATION_0006 - stage {json['stageName']!r} is not known to this engine")
            return None
        if int(json["stageVersion"]) != kind.version:
            self._issue(
                instance, "", f"VALIDATION_0102 - stage version {json['stageVersion']}; {kind.version} is known"
            )
        settings = self._checked(instance, _settings(json), kind.settings)
        for name in kind.required:
            if not settings.get(name):
                self._issue(instance, name, "VALIDATION_0007 - the setting is required")
        if kind.service is not None:
            settings |= self._service(json, *kind.service)
        return _Stage(kind, json, settings)

    def _service(self, json: Mapping[str, Any], name: str, known: Mapping[str, Values]) -> dict[str, Any]:
        for service in json.get("services") or []:
            if service["service"] == name:
                return self._checked(json["instanceName"], _settings(service), known)
        self._issue(json["instanceName"], "", f"VALIDATION_0200 - the stage lacks its service {name}")
        return {}

    def _checked(self, instance: str, given: Mapping[str, Any], known: Mapping[str, Values]) -> dict[str, Any]:
        """Return settings with defaults and parameters filled in."""
        settings = {name: value for name, value in DEFAULTS.items() if name in known} | {
            name: self._resolved(instance, name, value) for name, value in given.items()
        }
        is_whole_file = settings.get("dataFormat") == "WHOLE_FILE"
        for name, value in settings.items():
            if is_whole_file and name not in given:
                continue  # the defaults of a format that is not used
            if name not in known:
                self._issue(instance, name, "VALIDATION_0008 - the setting is not known to this engine")
            elif not _is_honoured(value, known[name]):
                self._issue(instance, name, f"VALIDATION - {value!r} is not supported here")
        return settings

    def _resolved(self, instance: str, name: str, value: Any) -> Any:
        if not isinstance(value, str) or name.endswith(("timeDriverTemplate", "fileNameEL")):
            return value
        resolved = PARAMETER.sub(lambda match: str(self._parameters.get(match[1], match[0])), value)
        for expression in EXPRESSION.findall(value):
            match = PARAMETER.fullmatch(expression)
            if match is None or match[1] not in self._parameters:
                self._issue(instance, name, f"CTRCMN_0100 - {expression} cannot be resolved")
        return resolved

    def _check_wiring(self, stages: Mapping[str, _Stage]) -> bool:
        """Check the lanes; returns whether the no-more-data event ends the run."""
        origin, target, finisher = stages["origin"], stages["target"], stages.get("finisher")
        if list(origin.json["outputLanes"]) != list(target.json["inputLanes"]):
            self._issue(target.json["instanceName"], "", "VALIDATION_0002 - its input is not the origin's output")
        if finisher is None:
            return False
        instance = finisher.json["instanceName"]
        if not set(finisher.json["inputLanes"]) <= set(origin.json["eventLanes"]) or not finisher.json["inputLanes"]:
            self._issue(instance, "", "VALIDATION_0002 - its input is not the origin's events")
        conditions = finisher.settings.get("stageRecordPreconditions") or []
        if len(conditions) != 1 or not NO_MORE_DATA.fullmatch(conditions[0]):
            self._issue(instance, "stageRecordPreconditions", f"VALIDATION - {conditions!r} is not just no-more-data")
        return True

    def _plan(self, origin: Mapping[str, Any], target: Mapping[str, Any], finishes: bool) -> Plan:
        moves_whole_files = origin["dataFormat"] == "WHOLE_FILE"
        if moves_whole_files != (target["dataFormat"] == "WHOLE_FILE"):
            self._issue("pipeline", "dataFormat", "VALIDATION - WHOLE_FILE needs WHOLE_FILE on both sides")
        retries = int(self._settings.get("retryAttempts", -1)) if self._settings.get("shouldRetry") else 0
        return Plan(
            source_bucket=origin["s3ConfigBean.s3Config.bucket"],
            source_prefix=_folder(origin["s3ConfigBean.s3Config.commonPrefix"]),
            pattern=re.compile(_ant_pattern(origin["s3ConfigBean.s3FileConfig.prefixPattern"])),
            batch_records=min(int(origin["s3ConfigBean.basicConfig.maxBatchSize"]), BATCH_MAXIMUM),
            format=None if moves_whole_files else _delimited(origin),
            target_bucket=target["s3TargetConfigBean.s3Config.bucketTemplate"],
            target_prefix=_folder(target["s3TargetConfigBean.s3Config.commonPrefix"]),
            name_prefix=target["s3TargetConfigBean.fileNamePrefix"],
            name_suffix=target["s3TargetConfigBean.fileNameSuffix"],
            encryption=_encryption(target),
            finishes=finishes,
            retries=retries,
        )


def _settings(part: Mapping[str, Any]) -> dict[str, Any]:
    return {each["name"]: each["value"] for each in part.get("configuration") or []}


def _is_honoured(value: Any, values: Values) -> bool:
    if values is ANY:
        return True
    if isinstance(value, list | dict):
        return not value
    return value in values


def _folder(prefix: str) -> str:
    """A common prefix as Data Collector normalises it: no slash in front, one behind."""
    return f"{prefix.strip('/')}/" if prefix.strip("/") else ""


def _ant_pattern(pattern: str) -> str:
    """An Ant-style path pattern as a regular expression for the whole of a path."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return "".join(GLOB.get(part, re.escape(part)) for part in parts) + r"\Z"


def _delimited(origin: Mapping[str, Any]) -> DelimitedFormat:
    return DelimitedFormat(
        delimiter=origin["dataFormatConfig.csvCustomDelimiter"],
        quote=origin["dataFormatConfig.csvCustomQuote"],
        escape=origin["dataFormatConfig.csvCustomEscape"],
        longest_record=int(origin["dataFormatConfig.csvMaxObjectLen"]),
        ignores_empty_lines=bool(origin["dataFormatConfig.csvIgnoreEmptyLines"]),
    )


def _encryption(target: Mapping[str, Any]) -> dict[str, str]:
    if not target["s3TargetConfigBean.sseConfig.useSSE"]:
        return {}
    if target["s3TargetConfigBean.sseConfig.encryption"] == "S3":
        return {"ServerSideEncryption": "AES256"}
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": target["s3TargetConfigBean.sseConfig.kmsKeyId"]}

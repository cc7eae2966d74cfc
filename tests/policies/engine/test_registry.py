"""Checks load whole or not at all, and agree with the register. Each way to lose one is refused on its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.controls import load_register
from policies.errors import ChecksBroken
from policies.registry import verify
from tests.policies.engine.conftest import HEAD, OWNER, ROTATION, Load, WriteChecks, control, write_register


def test_a_package_of_checks_loads(load: Load) -> None:
    checks = load({"kms/rotation": ROTATION, "governance/owner": OWNER})
    assert list(checks.all) == ["CSO_GOV_02", "CSO_KMS_01"]
    assert set(checks.of_resources) == {"aws_kms_key"}
    assert set(checks.of_artefacts) == {"spec"}


def test_an_import_that_fails(load: Load) -> None:
    with pytest.raises(ChecksBroken, match=r"rotation\.py: does not load: ModuleNotFoundError") as caught:
        load({"kms/rotation": "import no_such_module\n" + ROTATION})
    assert caught.value.exit_code == 4


def test_a_file_that_is_no_python(load: Load) -> None:
    with pytest.raises(ChecksBroken, match="does not load: SyntaxError"):
        load({"kms/rotation": "def ("})


def test_a_folder_without_init(load: Load) -> None:
    with pytest.raises(ChecksBroken, match=r"kms: has no __init__\.py"):
        load(without="kms/__init__.py")


def test_a_file_without_a_check(load: Load) -> None:
    with pytest.raises(ChecksBroken, match="assigns no check to `check`"):
        load({"kms/rotation": ROTATION.replace("check = Rotation()", "")})


def test_a_class_instead_of_a_check(load: Load) -> None:
    with pytest.raises(ChecksBroken, match="assigns no check to `check`"):
        load({"kms/rotation": ROTATION.replace("Rotation()", "Rotation")})


def test_an_id_that_stands_twice(load: Load) -> None:
    with pytest.raises(ChecksBroken, match="check id 'CSO_KMS_01' stands twice"):
        load({"kms/rotation": ROTATION, "kms/again": ROTATION})


def test_a_file_name_that_stands_twice(load: Load) -> None:
    with pytest.raises(ChecksBroken, match="has the same name, and Checkov loads checks by it"):
        load({"kms/rotation": ROTATION, "governance/rotation": OWNER})


def test_no_check_at_all(load: Load) -> None:
    with pytest.raises(ChecksBroken, match="holds no check"):
        load({})


def test_a_second_check_in_one_file(load: Load) -> None:
    second = ROTATION.replace("check = Rotation()", "class Other(Rotation):\n    pass\n\ncheck = Rotation()")
    with pytest.raises(ChecksBroken, match="Other is a second check"):
        load({"kms/rotation": second})


def test_a_check_of_another_file(load: Load) -> None:
    with pytest.raises(ChecksBroken, match="its `check` is of a class from another file"):
        load({"kms/rotation": ROTATION, "kms/turning": "from small_checks.kms.rotation import check"})


@pytest.mark.parametrize("stray", ["stray.py", "kms/stray.yaml"])
def test_a_file_that_nobody_would_load(write_checks: WriteChecks, load: Load, stray: str) -> None:
    (write_checks({"kms/rotation": ROTATION}) / stray).touch()
    with pytest.raises(ChecksBroken, match=r"stands in no service's folder|is no check file"):
        load()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"CSO_KMS_01", "CSO_KMS_01"', '"KMS_01", "KMS_01"', "is not of the form CSO_AREA_01"),
        ('"CSO_KMS_01", "CSO_KMS_01"', '"CSO_KMS_01", "CSO_S3_01"', "does not begin with its control"),
        ('"CSO_KMS_01", "CSO_KMS_01"', '"CSO_KMS_01", "CSO_KMS_011"', "does not begin with its control"),
        ('"Keys rotate"\n', '""\n', "title is '', not a text"),
        ('("aws_kms_key",)', '["aws_kms_key"]', "not a tuple of resource types"),
        ('("aws_kms_key",)', "()", "not a tuple of resource types"),
        ('"""Keys rotate."""', "", "has no docstring"),
    ],
)
def test_a_class_attribute_that_says_nothing(load: Load, old: str, new: str, message: str) -> None:
    assert old in ROTATION
    with pytest.raises(ChecksBroken, match=message):
        load({"kms/rotation": ROTATION.replace(old, new)})


def test_a_missing_class_attribute(load: Load) -> None:
    rule = (
        HEAD + '\nclass Rule(PlanRule):\n    """It is."""\n    def judge(self, resource, plan): ...\n\ncheck = Rule()\n'
    )
    with pytest.raises(ChecksBroken, match=r"Rule\.control is None, not a text"):
        load({"kms/rule": rule})


def test_an_artefact_of_no_kind(load: Load) -> None:
    with pytest.raises(ChecksBroken, match="artefact 'specs' is none of"):
        load({"governance/owner": OWNER.replace('"spec"', '"specs"')})


def test_all_mistakes_at_once(load: Load) -> None:
    with pytest.raises(ChecksBroken) as caught:
        load({"kms/rotation": "import no_such_module", "governance/owner": "def ("})
    assert str(caught.value).count("does not load:") == 2


def test_register_and_checks_that_agree(load: Load, tmp_path: Path) -> None:
    verify(load_register(write_register(tmp_path / "controls.yaml", control("CSO_KMS_01"))), load())


@pytest.mark.parametrize(
    ("controls", "message"),
    [
        (
            [control("CSO_KMS_01", checks=["CSO_KMS_01", "CSO_KMS_01_X"])],
            "the check CSO_KMS_01_X, which does not exist",
        ),
        ([control("CSO_KMS_02", checks=["CSO_KMS_01"])], "which belongs to CSO_KMS_01"),
        ([control("CSO_KMS_02", checks=[], artefacts=[], not_automated="by hand")], "the register does not hold"),
        (
            [control("CSO_KMS_01", checks=[], artefacts=[], not_automated="by hand")],
            "CSO_KMS_01 does not name its check CSO_KMS_01",
        ),
        ([control("CSO_KMS_01", artefacts=["plan", "spec"])], "names the artefacts plan, spec; its checks judge plan"),
    ],
)
def test_fewer_or_other_checks_than_registered(
    load: Load, tmp_path: Path, controls: list[dict[str, object]], message: str
) -> None:
    register = load_register(write_register(tmp_path / "controls.yaml", *controls))
    with pytest.raises(ChecksBroken, match=message):
        verify(register, load())

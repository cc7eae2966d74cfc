"""Free text stays data: whatever a team writes, no rendered file changes its structure and every word comes back."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import sqlglot
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.model import Column, EnvironmentSpec, QualityRule, Tenant
from generator.render import Tree, render_tree
from tests.generator import samples

FRAGMENTS = (
    *(
        "{{ 7 * 7 }}",
        "{% raw %}",
        "{# x #}",
        "{{ ti.xcom_pull() }}",
        "{{ params.as_of or ds }}",
        "{AS_OF}",
        "{0}",
        "%s",
    ),
    *(
        "${var.secret}",
        "%{ for x in y }",
        "$${a}",
        "<<EOT\n",
        '"',
        "'",
        '"""',
        "'''",
        "\\",
        "\\\\",
        '\\"',
        "\n",
        "\r\n",
    ),
    *("; DROP TABLE policy; --", ";\n", "--", "/*", "*/", "$$", "#", "*)", "`id`", "$(id)", "\x00", "\x1b[0m", "\t"),
    *("\u2028", "\u202e", "\ufeff", "\xe9", "\U0001f600", "</script>", "]]>", "x.md", ": - &a *a", "f'{x}'", "EOT\n"),
)
hostile = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), min_size=1, max_size=6).map("".join)
free_text = hostile.filter(lambda text: 0 < len(text) <= 500)
email = st.from_regex(r"[A-Za-z0-9._%+-]{1,20}@x[.]yz", fullmatch=True)
tag_value = st.from_regex(r"[A-Za-z0-9 +=._:/@-]{0,20}", fullmatch=True)
"""Where a pattern limits what may be written, whatever it lets through."""


@dataclass(frozen=True)
class Words:
    """One text for every place in which people may write freely."""

    description: str = "d"
    owner: str = "o@y.z"
    title: str = "t"
    contract: str = "c"
    column: str = "n"
    rule: str = "r"
    valid_value: str = "v"
    tag: str = "g"
    alerts: str = "a@y.z"


words = st.builds(
    Words,
    description=free_text,
    owner=email,
    title=free_text,
    contract=free_text,
    column=free_text,
    rule=free_text,
    valid_value=free_text,
    tag=tag_value,
    alerts=email,
)
EVERYTHING = "".join(FRAGMENTS)[:480]
WORST = Words(
    description=EVERYTHING,
    owner="%s%d@y.z",
    title=EVERYTHING,
    contract=EVERYTHING,
    column=EVERYTHING,
    rule=EVERYTHING,
    valid_value=EVERYTHING,
    tag="+=._:/@-",
    alerts="%%@y.z",
)


def tenant(said: Words) -> Tenant:
    base = samples.tenant(
        description=said.description, owner=said.owner, reports={"open_claims": {"title": said.title}}
    )
    rule = QualityRule(
        metric="invalidValues", column="label", valid_values=(said.valid_value,), description=said.rule, maximum=0
    )
    column = Column(name="label", type="string", description=said.column)
    contract = samples.contract("claim_total", column, description=said.contract, quality=(rule,))
    return base.model_copy(update={"contracts": base.contracts | {"claim_total": contract}})


def environments(said: Words) -> list[EnvironmentSpec]:
    changes: dict[str, Any] = {"tags": {"business-unit": said.tag}, "alerts_email": said.alerts}
    return [samples.environment("dev", "long_running", **changes), samples.environment(**changes)]


def rendered(said: Words) -> Tree:
    return render_tree([tenant(said)], environments(said))


BASELINE = rendered(Words())
TENANT = PurePosixPath("environments/prod/rendered/claims")


def python_shape(text: str) -> str:
    """Return the syntax tree with every string replaced."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


def json_shape(value: Any) -> Any:
    """Return a JSON value with every string replaced; keys stay."""
    if isinstance(value, dict):
        return {key: json_shape(element) for key, element in value.items()}
    if isinstance(value, list):
        return [json_shape(element) for element in value]
    return "" if isinstance(value, str) else value


def sql_shape(text: str) -> list[str]:
    """Return the statements without comments; `${rows}` stands for a number."""
    text = text.replace("${rows}", "1")
    return [statement.sql(comments=False) for statement in sqlglot.parse(text, dialect="redshift") if statement]


def shape(path: PurePosixPath, text: str) -> object:
    """Return what must not depend on free text; for a format without free text, all of it."""
    if path.suffix == ".py":
        return python_shape(text)
    if path.suffix == ".json":
        return json_shape(json.loads(text))
    return sql_shape(text) if path.suffix == ".sql" else text


def dag_call(text: str) -> tuple[dict[str, ast.expr], list[ast.stmt]]:
    """Return the keywords of `DAG(...)` and the statements below it."""
    block = next(node for node in ast.parse(text).body if isinstance(node, ast.With))
    call = block.items[0].context_expr
    assert isinstance(call, ast.Call)
    return {str(keyword.arg): keyword.value for keyword in call.keywords}, block.body


@settings(max_examples=25, deadline=None, derandomize=True)
@example(WORST)
@given(words)
def test_no_file_changes_its_structure(said: Words) -> None:
    tree = rendered(said)
    assert set(tree) == set(BASELINE)
    changed = [str(path) for path, text in tree.items() if shape(path, text) != shape(path, BASELINE[path])]
    assert changed == []


@settings(max_examples=25, deadline=None, derandomize=True)
@example(WORST)
@given(words)
def test_every_word_comes_back(said: Words) -> None:
    tree = rendered(said)
    keywords, _ = dag_call(tree[TENANT / "dag/claims_daily.py"])
    assert ast.literal_eval(keywords["description"]) == said.description
    doc = ast.literal_eval(keywords["doc_md"])
    assert doc.startswith(said.description)
    assert f"- `open_claims`: {said.title}\n" in doc
    defaults = keywords["default_args"]
    assert isinstance(defaults, ast.Dict)
    assert ast.literal_eval(defaults.values[0]) == said.owner

    claim_total = json.loads(tree[TENANT / "contracts.json"])["claim_total"]
    assert claim_total["description"] == said.contract
    assert claim_total["columns"][1]["description"] == said.column
    assert claim_total["quality"][0]["description"] == said.rule
    assert claim_total["quality"][0]["valid_values"] == [said.valid_value]

    variables = json.loads(tree[TENANT / "terraform/terraform.tfvars.json"])
    table = variables["catalog"]["tables"]["claim_total"]
    assert variables["catalog"]["description"] == said.description
    assert (table["description"], table["columns"][1]["comment"]) == (said.contract, said.column)
    assert (variables["tags"]["owner"], variables["tags"]["business-unit"]) == (said.owner, said.tag)
    platform = json.loads(tree[TENANT.parent / "platform/terraform/terraform.tfvars.json"])
    assert platform["alerts_email"] == said.alerts

    tags = {tag["Key"]: tag["Value"] for tag in json.loads(tree[TENANT / "dag/job_flow.json"])["Tags"]}
    assert (tags["business-unit"], tags["owner"]) == (said.tag, said.owner)
    comment = tree[TENANT / "dag/warehouse/reports/open_claims.sql"].splitlines()[2]
    assert json.loads(comment.removeprefix("-- Report: ")) == said.title


@settings(max_examples=25, deadline=None, derandomize=True)
@example(WORST)
@given(words)
def test_nothing_that_airflow_evaluates_holds_free_text(said: Words) -> None:
    """Operators' arguments may be templates; description, doc and owner are not. A doc never ends like a file name."""
    for environment in ("dev", "prod"):
        path = PurePosixPath(f"environments/{environment}/rendered/claims/dag/claims_daily.py")
        keywords, body = dag_call(rendered(said)[path])
        _, baseline = dag_call(BASELINE[path])
        assert [ast.dump(statement) for statement in body] == [ast.dump(statement) for statement in baseline]
        assert not ast.literal_eval(keywords["doc_md"]).endswith(".md")


@settings(max_examples=25, deadline=None, derandomize=True)
@example("SELECT '{{ x }}' AS a, '${y}' AS b FROM t")
@given(hostile.map(lambda text: "SELECT '" + text.replace("\\", "").replace("'", "''").replace(";", "") + "' AS a"))
def test_a_report_keeps_its_text(query: str) -> None:
    """Report SQL is code that its team answers for; the renderer must not evaluate or change it."""
    base = samples.tenant()
    tree = render_tree([base.model_copy(update={"report_sql": {"open_claims": query}})], [samples.environment()])
    text = tree[TENANT / "dag/warehouse/reports/open_claims.sql"]
    assert text.partition(" AS\n")[2] == f"{query}\n;\n"

"""What Terraform marks sensitive is nowhere in what is kept of a plan."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.redaction import HIDDEN, redacted

SECRET = "hunter2-hunter2"
MARKED_IN_PLACE: dict[str, dict[str, Any]] = {
    "before": {"resource_changes": [{"change": {"before": {"a": SECRET}, "before_sensitive": {"a": True}}}]},
    "after, deep": {
        "resource_changes": [
            {"change": {"after": {"a": [{"b": SECRET, "c": 1}]}, "after_sensitive": {"a": [{"b": True}]}}}
        ]
    },
    "after, whole": {"resource_changes": [{"change": {"after": {"a": SECRET}, "after_sensitive": True}}]},
    "drift": {"resource_drift": [{"change": {"before": {"a": SECRET}, "before_sensitive": {"a": True}}}]},
    "deferred": {
        "deferred_changes": [
            {"resource_change": {"change": {"after": {"a": SECRET}, "after_sensitive": {"a": True}}}},
        ]
    },
    "output change": {"output_changes": {"o": {"before": None, "after": SECRET, "after_sensitive": True}}},
    "planned values": {
        "planned_values": {
            "root_module": {
                "child_modules": [{"resources": [{"values": {"a": SECRET}, "sensitive_values": {"a": True}}]}]
            }
        }
    },
    "prior state": {
        "prior_state": {
            "values": {"root_module": {"resources": [{"values": {"a": [SECRET]}, "sensitive_values": {"a": [True]}}]}}
        }
    },
    "output": {"planned_values": {"outputs": {"o": {"sensitive": True, "value": {"a": SECRET}}}}},
    "variable": {
        "variables": {"v": {"value": SECRET}},
        "configuration": {"root_module": {"variables": {"v": {"sensitive": True}}}},
    },
    "default": {"configuration": {"root_module": {"variables": {"v": {"sensitive": True, "default": SECRET}}}}},
    "default in a module": {
        "configuration": {
            "root_module": {
                "module_calls": {"m": {"module": {"variables": {"v": {"sensitive": True, "default": SECRET}}}}}
            }
        }
    },
    "text written for an import": {"resource_changes": [{"change": {}, "generated_config": f'password = "{SECRET}"'}]},
    "a mark that fits no value": {
        "resource_changes": [{"change": {"after": {"a": [SECRET]}, "after_sensitive": {"a": {"b": True}}}}]
    },
    "more marks than values": {
        "resource_changes": [{"change": {"after": {"a": [SECRET]}, "after_sensitive": {"a": [False, True]}}}]
    },
}


@pytest.mark.parametrize("case", MARKED_IN_PLACE)
def test_nothing_sensitive_is_left(case: str) -> None:
    text = json.dumps(redacted(MARKED_IN_PLACE[case]))
    assert SECRET not in text
    assert HIDDEN in text


def test_what_is_hidden_once_is_hidden_where_code_or_variables_repeat_it() -> None:
    plan = {
        "resource_changes": [{"change": {"after": {"a": SECRET}, "after_sensitive": {"a": True}}}],
        "variables": {"not_marked": {"value": {"url": f"postgresql://user:{SECRET}@host"}}},
        "configuration": {"root_module": {"resources": [{"expressions": {"a": {"constant_value": SECRET}}}]}},
    }
    assert SECRET not in json.dumps(redacted(plan))


def test_everything_else_stays_and_the_plan_itself_is_not_touched() -> None:
    plan = {
        "resource_changes": [
            {
                "address": "a.b",
                "change": {"before": None, "after": {"a": SECRET, "b": [1, None]}, "after_sensitive": {}},
            }
        ],
        "variables": {"v": {"value": "plain"}},
    }
    before = json.dumps(plan)
    assert redacted(plan) == plan
    redacted({**plan, "configuration": {"root_module": {"variables": {"v": {"sensitive": True}}}}})
    assert json.dumps(plan) == before


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text("xyz", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(data=st.data(), value=VALUES)
def test_whatever_the_shape_a_marked_leaf_is_gone(data: st.DataObject, value: Any) -> None:
    """Marks are drawn in the shape of the value, with one secret put where a mark says so."""

    def marked(node: Any) -> tuple[Any, Any]:
        if data.draw(st.integers(0, 3)) == 0:
            return SECRET, True
        if isinstance(node, dict):
            pairs = {key: marked(item) for key, item in node.items()}
            return {key: pair[0] for key, pair in pairs.items()}, {key: pair[1] for key, pair in pairs.items()}
        if isinstance(node, list):
            items = [marked(item) for item in node]
            return [item[0] for item in items], [item[1] for item in items]
        return node, False

    after, marks = marked(value)
    plan = {"resource_changes": [{"change": {"after": after, "after_sensitive": marks}}]}
    assert SECRET not in json.dumps(redacted(plan))

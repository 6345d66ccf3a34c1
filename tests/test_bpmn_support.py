"""The page that says what of BPMN is executed: made from marks, and only when they add up."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "bpmn_support.py"
HEAD = "import pytest\n\n"


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("bpmn_support", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up by name.
    import sys

    sys.modules["bpmn_support"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["bpmn_support"]


def proved_in(table):
    return {row.construct: row.tests for rows in table.values() for row in rows if row.tests}


def test_marks_are_found_on_tests_on_parameters_and_in_named_lists(script, tmp_path):
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_one.py").write_text(
        HEAD + 'CASES = [pytest.param(1, marks=pytest.mark.bpmn("complex gateway", "refused"))]\n\n\n'
        '@pytest.mark.bpmn("user task", "executes")\ndef test_a():\n    pass\n\n\n'
        '@pytest.mark.parametrize("x", CASES)\ndef test_b(x):\n    pass\n\n\n'
        '@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.bpmn("pool", "drawn"))])\ndef test_c(x):\n    pass\n'
    )

    assert proved_in(script.groups(folder)) == {
        "user task": {"executes": ["tests/test_one.py::test_a"]},
        "complex gateway": {"refused": ["tests/test_one.py::test_b"]},
        "pool": {"drawn": ["tests/test_one.py::test_c"]},
    }


def test_tests_that_disagree_are_refused(script, tmp_path):
    for number, verdict in enumerate(("executes", "refused")):
        (tmp_path / f"test_{number}.py").write_text(
            HEAD + f'@pytest.mark.bpmn("user task", "{verdict}")\ndef test_a():\n    pass\n'
        )

    with pytest.raises(script.Refused, match="disagree on 'user task'"):
        script.groups(tmp_path)


def test_a_mark_that_says_neither_is_refused(script, tmp_path):
    (tmp_path / "test_one.py").write_text(HEAD + '@pytest.mark.bpmn("user task", "maybe")\ndef test_a():\n    pass\n')

    with pytest.raises(script.Refused, match=r"test_one.py:3"):
        script.groups(tmp_path)


def test_the_catalogue_names_nothing_twice(script):
    names = [construct for constructs in script.CATALOGUE.values() for construct in constructs]

    assert len(names) == len(set(names))

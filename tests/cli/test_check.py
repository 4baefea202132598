"""`netdsl check` and `netdsl explain`."""

import json
from pathlib import Path

import pytest

from netdsl.diagnostics.catalog import CATALOG
from netdsl.passes.files import bundled_nets

from .conftest import Command

GOOD = "net good { input 3x8x8 C3-4 R G F2 }\n"
WARNED = "net warned {\n  input 3x8x8\n  C3-4 C3-4 R\n}\n"
BAD = "net bad {\n  input 3x16x16\n  add { C3-4 | C3-8 }\n  C3-4 Q\n}\n"
DIAGNOSTIC_KEYS = [
    *("code", "severity", "message", "file", "line", "column", "end_line", "end_column", "expected", "found", "help"),
    "related",
]


@pytest.fixture(autouse=True)
def files(netdsl: Command) -> None:
    """In the empty folder that `netdsl` made."""
    for name, text in (("good.net", GOOD), ("warned.net", WARNED), ("bad.net", BAD)):
        Path(name).write_text(text)


def test_a_good_file(netdsl: Command) -> None:
    result = netdsl("check", "good.net")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "1 file, 0 errors, 0 warnings\n")


def test_a_warning_is_no_error(netdsl: Command) -> None:
    result = netdsl("check", "warned.net")
    assert result.exit_code == 0
    assert result.stdout.startswith("warning[NET")
    assert " --> warned.net:3:" in result.stdout
    assert result.stderr == "1 file, 0 errors, 1 warning\n"


def test_many_files_at_once(netdsl: Command) -> None:
    result = netdsl("check", "good.net", "bad.net", "warned.net", "missing.net")
    assert result.exit_code == 1
    messages = [line for line in result.stdout.splitlines() if line.startswith(("error[", "warning["))]
    assert len(messages) == 4
    assert [m.partition("[")[0] for m in messages] == ["error", "error", "warning", "error"]
    assert "`add`" in messages[0] and "Q" in messages[1] and "missing.net" in messages[3]
    assert result.stderr == "4 files, 3 errors, 1 warning\n"


def test_every_net_of_a_file_each_message_once(netdsl: Command) -> None:
    Path("two.net").write_text(f"{GOOD}block unit(f) {{ C3-{{f}} Q }}\nnet a {{ input 3x8x8 unit(4) unit(8) }}\n")
    assert netdsl("check", "two.net").stdout.count("error[") == 1


@pytest.mark.parametrize("name", bundled_nets())
def test_bundled_nets_have_no_errors(netdsl: Command, name: str) -> None:
    assert netdsl("check", name).exit_code == 0


def test_json(netdsl: Command) -> None:
    result = netdsl("check", "good.net", "bad.net", "warned.net", "missing.net", "--json")
    assert (result.exit_code, result.stderr) == (1, "")
    made = json.loads(result.stdout)
    assert list(made) == ["diagnostics"]
    assert all(list(diagnostic) == DIAGNOSTIC_KEYS for diagnostic in made["diagnostics"])
    shapes = made["diagnostics"][0]
    assert (shapes["code"], shapes["severity"], shapes["file"]) == ("NET301", "error", "bad.net")
    assert (shapes["line"], shapes["column"], shapes["end_line"], shapes["end_column"]) == (3, 3, 3, 6)
    assert shapes["found"] == "4x16x16 and 8x16x16"
    assert [(label["line"], label["column"], label["message"]) for label in shapes["related"]] == [
        (3, 9, "4x16x16"),
        (3, 16, "8x16x16"),
    ]
    assert [d["severity"] for d in made["diagnostics"] if d["severity"] != "note"] == [
        "error",
        "error",
        "warning",
        "error",
    ]
    missing = made["diagnostics"][-1]
    assert (missing["code"], missing["line"], missing["related"]) == ("NET501", None, [])


def test_json_of_nothing_wrong(netdsl: Command) -> None:
    result = netdsl("check", "good.net", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"diagnostics": []})


def test_a_folder_and_a_file_that_is_not_text(netdsl: Command) -> None:
    Path("folder.net").mkdir()
    Path("image.net").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    result = netdsl("check", "folder.net", "image.net")
    assert result.exit_code == 1
    assert "error[NET502]: `folder.net` is a folder" in result.stdout
    assert "error[NET503]: `image.net` is not text" in result.stdout


def test_a_net_typed_out(netdsl: Command) -> None:
    assert netdsl("check", GOOD).exit_code == 0
    assert netdsl("check", BAD).exit_code == 1


def test_variants(netdsl: Command) -> None:
    assert netdsl("check", "good.net", "--with", "C -> C B").exit_code == 0
    wrong = netdsl("check", "good.net", "--with", "C -> C9-8v C9-8v C9-8v C9-8v C9-8v")
    assert wrong.exit_code == 1
    assert "NET304" in wrong.stdout and "--with" in wrong.stdout


def test_no_file(netdsl: Command) -> None:
    result = netdsl("check")
    assert result.exit_code == 2


@pytest.mark.parametrize("code", ["NET301", "net301", "301"])
def test_explain(netdsl: Command, code: str) -> None:
    result = netdsl("explain", code)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"NET301: {CATALOG['NET301'].title}")
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_every_code_is_explained(netdsl: Command) -> None:
    for code, entry in CATALOG.items():
        result = netdsl("explain", code)
        assert result.exit_code == 0
        assert " ".join(entry.text.split()) in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("code", "instead"),
    [
        ("NET300", "there is no code NET300; the nearest are NET"),
        ("NET999", "the nearest are NET"),
        ("NET" + 9 * "1234567890", "such as NET301"),
        ("NET3O1", "a code is NET and three digits, such as NET301"),
        ("what", "such as NET301"),
    ],
)
def test_a_code_that_does_not_exist(netdsl: Command, code: str, instead: str) -> None:
    result = netdsl("explain", code)
    assert result.exit_code == 2
    assert instead in " ".join(result.stderr.replace("│", "").split())

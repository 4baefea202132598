"""`netdsl fmt`: files in the tidy form, or what would change; nothing is written where anything is wrong."""

import stat
from pathlib import Path

import pytest
from netdsl.cli.app import app
from typer.testing import CliRunner

from .conftest import Command

NETS = Path(__file__).parents[2] / "nets"
UNTIDY = "net a{input 3x8x8 C3D4 R # why\nG F2}"
TIDY = "net a {\n  input 3x8x8 C3-4 R  # why\n  G F2\n}\n"
BROKEN = "net b { input 3x8x8 C3-4 ) }\n"


@pytest.fixture(autouse=True)
def files(netdsl: Command) -> None:
    """In the empty folder that `netdsl` made."""
    for name, text in (("untidy.net", UNTIDY), ("tidy.net", TIDY), ("broken.net", BROKEN)):
        Path(name).write_text(text)


def test_writes_what_is_not_tidy(netdsl: Command) -> None:
    before = Path("tidy.net").stat().st_mtime_ns
    result = netdsl("fmt", "untidy.net", "tidy.net")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "2 files, 1 changed\n")
    assert Path("untidy.net").read_text() == TIDY
    assert Path("tidy.net").stat().st_mtime_ns == before
    assert sorted(path.name for path in Path().iterdir()) == ["broken.net", "tidy.net", "untidy.net"]


def test_check_lists_and_writes_nothing(netdsl: Command) -> None:
    result = netdsl("fmt", "--check", "untidy.net", "tidy.net")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "untidy.net\n", "2 files, 1 to change\n")
    assert Path("untidy.net").read_text() == UNTIDY
    assert netdsl("fmt", "--check", "tidy.net").exit_code == 0


def test_diff_shows_and_writes_nothing(netdsl: Command) -> None:
    result = netdsl("fmt", "--diff", "untidy.net", "tidy.net")
    assert result.exit_code == 0
    assert result.stdout.startswith("--- untidy.net\n+++ untidy.net (tidy)\n@@ -1,2 +1,4 @@\n-net a{input")
    assert "+  input 3x8x8 C3-4 R  # why\n" in result.stdout
    assert Path("untidy.net").read_text() == UNTIDY


def test_a_file_with_errors_is_refused_and_the_others_are_not(netdsl: Command) -> None:
    result = netdsl("fmt", "broken.net", "untidy.net", "missing.net", ".")
    assert result.exit_code == 1
    assert "error[NET105]" in result.stderr and "broken.net:1:26" in result.stderr
    assert "error[NET501]: there is no file `missing.net`" in result.stderr and "error[NET502]" in result.stderr
    assert result.stderr.endswith("4 files, 1 changed, 3 with errors\n")
    assert (Path("broken.net").read_text(), Path("untidy.net").read_text()) == (BROKEN, TIDY)


def test_bundled_nets_are_not_changed_by_name(netdsl: Command) -> None:
    assert "NET501" in netdsl("fmt", "vgg16").stderr


def test_a_pipe(netdsl: Command) -> None:
    result = CliRunner().invoke(app, ["fmt", "-"], input=UNTIDY)
    assert (result.exit_code, result.stdout, result.stderr) == (0, TIDY, "")
    refused = CliRunner().invoke(app, ["fmt", "-"], input=BROKEN)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "<stdin>:1:26" in refused.stderr


def test_a_link_stays_a_link_and_rights_stay(netdsl: Command) -> None:
    Path("untidy.net").chmod(0o640)
    Path("link.net").symlink_to("untidy.net")
    assert netdsl("fmt", "link.net").exit_code == 0
    assert Path("link.net").is_symlink() and Path("untidy.net").read_text() == TIDY
    assert stat.S_IMODE(Path("untidy.net").stat().st_mode) == 0o640


@pytest.mark.parametrize("path", sorted(NETS.glob("*.net")), ids=lambda path: path.stem)
def test_the_bundled_nets_are_tidy(netdsl: Command, path: Path) -> None:
    result = netdsl("fmt", "--check", "--diff", path)
    assert (result.exit_code, result.stdout) == (0, "")

"""Every mistake in `tests/bad`: its whole message, and that its help mends it."""

import re
import shutil
from pathlib import Path

import pytest

from netdsl.compiler import diagnose
from netdsl.diagnostics import Diagnostic
from netdsl.diagnostics.catalog import CATALOG
from netdsl.diagnostics.render import render

BAD = Path(__file__).parents[1] / "bad"
FILES = sorted(file.name for file in BAD.glob("*.net"))


FROM_OUTSIDE = {"NET317"}  # of an `--input`; its message stands in tests/passes/test_open_sizes.py


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages name files as they were given: relative, so the goldens hold no place of this machine."""
    monkeypatch.chdir(BAD)


def shown(file: str) -> list[Diagnostic]:
    """Errors and warnings; notes where there is nothing else."""
    found = diagnose(file)
    return [d for d in found if d.severity != "note"] or found


@pytest.mark.parametrize("file", FILES)
def test_message(file: str, here: None, golden) -> None:
    found = shown(file)
    assert found, "this file has nothing wrong with it"
    golden("\n".join(map(render, found)), Path(file).with_suffix(".expected"))


@pytest.mark.parametrize("file", FILES)
def test_help_mends_the_file(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "bad"
    shutil.copytree(BAD, folder)
    monkeypatch.chdir(folder)
    before = shown(file)
    helped = [d for d in before if d.help]
    assert all(d.edits for d in helped), "advice that cannot be typed in is a note"
    if not helped:
        return
    apply_edits(helped)
    after = shown(file)
    left = {(d.code, d.message) for d in before if not d.help}
    errors = {(d.code, d.message) for d in after if d.severity == "error"}
    assert errors <= left, "\n".join(map(render, after))
    assert not {(d.code, d.message) for d in helped} & {(d.code, d.message) for d in after}


def apply_edits(diagnostics: list[Diagnostic]) -> None:
    """All edits of all diagnostics in one go, from the back of each file."""
    edits = {(e.span.source.name, e.span.start, e.span.end): e for d in diagnostics for e in d.edits}
    for (name, start, end), edit in sorted(edits.items(), key=lambda item: item[0], reverse=True):
        path = Path(name)
        text = path.read_text(encoding="utf-8")
        path.write_text(text[:start] + edit.text + text[end:], encoding="utf-8")


def test_every_code_of_the_text_has_a_file() -> None:
    """Codes of data, runs and devices (5xx) are tested beside what reports them."""
    shown_codes = set(re.findall(r"NET\d{3}", "".join(p.read_text(encoding="utf-8") for p in BAD.glob("*.expected"))))
    missing = {code for code in CATALOG if code < "NET5"} - shown_codes - FROM_OUTSIDE
    assert not missing, f"no file in tests/bad for {sorted(missing)}"


def test_every_expectation_has_a_file() -> None:
    assert {p.stem for p in BAD.glob("*.expected")} == {Path(file).stem for file in FILES}

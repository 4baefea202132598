"""Every construct of the language in `tests/good`: the IR it becomes, and that tidy text becomes the same."""

import shutil
from pathlib import Path

import pytest

from netdsl.compiler import Pipeline, diagnose
from netdsl.diagnostics import Source
from netdsl.ir.dump import dump
from netdsl.passes.resolve import ALPHABET
from netdsl.syntax.parse import parse_file
from netdsl.syntax.unparse import unparse

GOOD = Path(__file__).parents[1] / "good"
FILES = sorted(file.name for file in GOOD.glob("*.net"))


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GOOD)


def dumped(path: str) -> str:
    pipeline = Pipeline.of(path)
    networks = [pipeline.compile(name).network for name in pipeline.nets]
    assert None not in networks
    return "\n".join(dump(network) for network in networks if network)


@pytest.mark.parametrize("file", FILES)
def test_no_errors_and_the_same_ir(file: str, golden) -> None:
    assert not [d for d in diagnose(file) if d.severity == "error"]
    golden(dumped(file), Path(file).with_suffix(".ir"))


@pytest.mark.parametrize("file", FILES)
def test_tidy_text_becomes_the_same_ir(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dumped(file)
    shutil.copytree(GOOD, tmp_path / "good")
    monkeypatch.chdir(tmp_path / "good")
    text = Path(file).read_text(encoding="utf-8")
    Path(file).write_text(unparse(parse_file(Source(file, text), ALPHABET)), encoding="utf-8")
    assert dumped(file) == before


def test_every_file_has_its_ir() -> None:
    assert {path.stem for path in GOOD.glob("*.ir")} == {Path(file).stem for file in FILES}

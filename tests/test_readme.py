"""The README and the pages of docs/ with blocks: every block is run, and what they show is what comes out."""

import contextlib
import io
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from netdsl import DiagnosticsError, compile_network
from netdsl.blocks import BLOCKS
from netdsl.compiler import Pipeline
from netdsl.geometry import FeatureMap
from netdsl.layers import CODES, NAMES
from netdsl.layers.attributes import FILLED_IN, REQUIRED
from netdsl.layers.base import number_text

from .outside import real

ROOT = Path(__file__).parents[1]
DOCS = (
    "docs/language.md",
    "docs/training.md",
    "docs/seeing.md",
    "docs/exercises.md",
    "docs/variants.md",
    "docs/zoo.md",
)
PAGES = {page: (ROOT / page).read_text("utf-8") for page in ("README.md", *DOCS)}
INPUT = FeatureMap(3, (32, 32))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WRONG_ON_PURPOSE = "toy.net"


@dataclass
class Block:
    page: str
    line: int
    kind: str
    text: str


def blocks(*kinds: str) -> list:
    found = [
        Block(page, text.count("\n", 0, match.start()) + 1, match[1], match[2])
        for page, text in PAGES.items()
        for match in BLOCK.finditer(text)
    ]
    return [pytest.param(b, id=f"{b.page}:{b.line}") for b in found if b.kind in kinds]


def section(page: str, title: str) -> str:
    return PAGES[page].partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def spellings(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.fixture
def folder(tmp_path):
    """Where a reader would stand: the bundled nets beside, and the files that the pages show with a name."""
    (tmp_path / "nets").symlink_to(ROOT / "nets")
    for block in blocks("net"):
        name = re.match(r"# (\w+\.net)\b", block.values[0].text)
        if name:
            (tmp_path / name[1]).write_text(block.values[0].text, encoding="utf-8")
    return tmp_path


def run(command: str, folder: Path, **more: str) -> subprocess.CompletedProcess:
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "FORCE_COLOR")} | more
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    return subprocess.run(
        command,
        shell=True,
        executable="/bin/bash",
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


# Nets


@pytest.mark.parametrize("block", blocks("net"))
def test_a_net_is_laid_out_without_error_or_warning(block, tmp_path):
    text = block.text
    if text.startswith(f"# {WRONG_ON_PURPOSE}"):
        text = text.replace("| id }", "| C1-32/2 }")  # what its message says
    whole = re.search(r"^(net|block|recipe|import) ", text, re.MULTILINE)
    (tmp_path / "example.net").write_text(text, encoding="utf-8")
    inline = re.sub(r"#[^\n]*", "", text).strip()
    pipeline = Pipeline.of(str(tmp_path / "example.net") if whole else inline)
    given = None if whole or "input" in text else INPUT
    for name in pipeline.nets:
        found = pipeline.compile(name, given=given).diagnostics
        assert [d.message for d in found if d.severity != "note"] == []


def test_the_first_net_of_the_readme_is_the_bundled_file():
    shown, recipe, _ = (ROOT / "nets/vgg16.net").read_text("utf-8").partition("recipe imagenet")
    assert blocks("net")[0].values[0].text == shown and recipe


# Commands and Python


@pytest.mark.parametrize("block", blocks("console"))
def test_a_command_prints_what_the_page_shows(block, folder, request):
    first, _, shown = block.text.partition("\n")
    printed = tidy(run(first.removeprefix("$ "), folder).stdout)
    if request.config.getoption("--update-golden"):
        page = ROOT / block.page
        page.write_text(page.read_text("utf-8").replace(block.text, f"{first}\n{printed}\n"), encoding="utf-8")
        return
    assert printed == tidy(shown)


def commands(block: Block) -> list[str]:
    return [c for line in block.text.splitlines() if (c := line.partition("  #")[0].strip()).startswith("netdsl ")]


@pytest.mark.parametrize("block", [b for b in blocks("sh") if "netdsl train" not in b.values[0].text])
def test_a_command_ends_well(block, folder):
    for command in commands(block):
        done = run(command, folder)
        assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("block", [b for b in blocks("sh") if "netdsl train" in b.values[0].text])
def test_a_training_ends_well(block, folder):
    """With few images and one epoch: the last of two options counts."""
    data = real("mnist").parent
    for command in commands(block):
        small = " --epochs 1 --subset 512" if " train " in command else ""
        done = run(command + small, folder, NETDSL_DATA=str(data), NETDSL_CACHE=str(folder / "cache"))
        assert done.returncode == 0, done.stdout


def test_the_make_targets_are_there():
    targets = re.findall(r"^make (\w+)", "".join(b.values[0].text for b in blocks("sh")), re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert targets == ["demo", "test"]
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


@pytest.mark.parametrize("block", blocks("python"))
def test_python_prints_what_its_comments_say(block, folder, monkeypatch):
    monkeypatch.chdir(folder)
    expected = re.findall(r"^(?:# | *print\(.*\)  # )(.*)$", block.text, re.MULTILINE)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block.text, f"{block.page}:{block.line}", "exec"), {})
    assert printed.getvalue().splitlines() == expected


# Tables


def op_rows() -> list[list[str]]:
    return rows(section("docs/language.md", "All ops"))


def test_the_table_of_ops_has_each_spelling_once_and_beside_its_layer():
    codes = [(code, spellings(row[1])[0]) for row in op_rows() for code in spellings(row[0])]
    assert dict(codes) == {code: entry.layer.name for code, entry in CODES.items()}
    assert len(codes) == len(CODES)
    assert sorted(name for row in op_rows() for name in spellings(row[1])) == sorted(NAMES)


def arguments(name: str) -> str:
    """As the table has them; what is required or worked out has no default."""
    shown = []
    for attribute in NAMES[name].layer.signature:
        default = attribute.default
        plain = default is REQUIRED or default is FILLED_IN or default is None
        shown.append(attribute.name if plain else f"{attribute.name}={number_text(default)}")
    return ", ".join(shown)


@pytest.mark.parametrize("row", [r for r in op_rows() if len(spellings(r[1])) == 1], ids=lambda r: r[1])
def test_a_row_of_ops_has_the_arguments_and_an_example_that_works(row):
    name = spellings(row[1])[0]
    assert row[2] == arguments(name)
    example = spellings(row[4])[0]
    if "@" in example:  # it names a place before it
        network = Pipeline.of(f"C3-8 @c1 @x R P @p1 {example}").compile(given=INPUT).network
        network = network or Pipeline.of(f"C3-8 @c1 (C3-8v R) @x from @c1 {example}").compile(given=INPUT).network
    else:
        given = None if example.startswith("input ") else INPUT
        network = Pipeline.of(f"{example} id").compile(given=given).network
    assert network is not None
    assert NAMES[name].layer.name in [node.layer.name for node in network.nodes[1:]]


def test_the_arguments_of_residual_are_in_the_table():
    table = spellings("".join(row[0] for row in rows(section("docs/language.md", "Residual and dense"))))
    assert {cell.partition(" = ")[0] for cell in table} == {a.name for a in BLOCKS["residual"].signature}


@pytest.mark.parametrize("row", rows(section("docs/language.md", "Traps")), ids=lambda row: row[0])
def test_a_trap_has_a_message_of_its_own(row):
    for written in spellings(row[0]):
        given = None if "input" in written else INPUT
        try:
            found = Pipeline.of(f"{written} R G F10").compile(given=given).diagnostics
        except DiagnosticsError as error:
            found = error.diagnostics
        errors = [d for d in found if d.severity == "error"]
        assert len(errors) == 1
        assert errors[0].help or errors[0].note


VARIANTS = [row for row in rows(PAGES["docs/variants.md"]) if row[0].startswith("`")]


@pytest.mark.parametrize("row", VARIANTS, ids=lambda row: " ".join(row[:2]))
def test_a_variant_has_the_numbers_of_its_row(row):
    name, rules = spellings(row[0])[0], "".join(spellings(row[1]))
    found = compile_network(name, with_rules=rules)
    field = max(field.size[0] for field in found.fields if field.jump is not None)
    assert row[2:] == [f"{number:,}" for number in (found.params, found.macs, found.depth, field)]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", PAGES[page]):
        assert ((ROOT / page).parent / target).exists(), target
    for anchor in re.findall(r"\]\(#([^)]+)\)", PAGES[page]):
        titles = re.findall(r"^## (.*)$", PAGES[page], re.MULTILINE)
        assert anchor in {re.sub(r"[^a-z0-9 -]", "", t.lower()).replace(" ", "-") for t in titles}

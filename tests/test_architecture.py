"""The house: imports run one way, and what answers without torch never loads it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINES = (ROOT / "docs" / "architecture.md").read_text("utf-8")
ORDER = re.search(r"^    (record .* cli)$", LINES, re.M)[1].split()
PARTS = {"tasks": r"^    (engine .* experiments)$", "style": r"^    (pictures .* prior)$"}
"""Places with an order of their own, and their lines."""
WITH_TORCH = {"modules", "lowering", "data", "tasks", "seeing", "style"}
HEAVY = {"torch", "torchinfo", "numpy", "matplotlib", "PIL", "safetensors", "pooch", "scipy"}
SOURCES = [
    p for p in [*(ROOT / "netdsl").rglob("*.py"), *(ROOT / "cli").rglob("*.py")] if p != ROOT / "netdsl/__init__.py"
]


def place(path: Path) -> str:
    """The name in the import line that a file belongs to."""
    parts = path.relative_to(ROOT).parts
    return "cli" if parts[0] == "cli" or parts[-1] == "__main__.py" else parts[1].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """All modules that a file imports, at its top or within functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_every_place_is_in_the_line() -> None:
    assert {place(path) for path in SOURCES} == set(ORDER)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    own = ORDER.index(place(path))
    reached = {name.split(".")[1] for name in imported(path) if name.startswith("netdsl.")}
    resources = {"grammars", "nets"}
    assert {name for name in reached - resources if name in ORDER and ORDER.index(name) > own} == set()


def order_in(place: str) -> list[str]:
    return re.search(PARTS[place], LINES, re.M)[1].split()


@pytest.mark.parametrize("place", PARTS)
def test_the_parts_of_a_place_are_in_its_line(place: str) -> None:
    folder = ROOT / "netdsl" / place
    assert {path.parent.name for path in folder.glob("*/__init__.py")} == set(order_in(place))
    assert [path.name for path in folder.glob("*.py")] == ["__init__.py"]


@pytest.mark.parametrize(
    "path",
    sorted(path for place in PARTS for path in (ROOT / "netdsl" / place).glob("*/*.py")),
    ids=lambda path: str(path.relative_to(ROOT / "netdsl")),
)
def test_imports_within_a_place_run_one_way(path: Path) -> None:
    place = path.parents[1].name
    order = order_in(place)
    reached = {name.split(".")[2] for name in imported(path) if name.startswith(f"netdsl.{place}.")}
    assert {name for name in reached if order.index(name) > order.index(path.parent.name)} == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_torch_at_the_top_of_its_own_places_only(path: Path) -> None:
    if place(path) in WITH_TORCH:
        return
    tree = ast.parse(path.read_text("utf-8"))
    top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in top if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in top if isinstance(node, ast.ImportFrom) and node.module}
    assert not {name.split(".")[0] for name in names} & HEAVY


@pytest.mark.parametrize(
    "code",
    [
        "import netdsl",
        "import netdsl; netdsl.compile_network('vgg16').params",
        "from netdsl.compiler import diagnose; diagnose('resnet')",
        "from netdsl.diagnostics.catalog import as_markdown; as_markdown()",
        "import netdsl.cli.app, netdsl.cli.summarize, netdsl.cli.check",
    ],
)
def test_torch_is_not_loaded(code: str) -> None:
    check = f"{code}\nimport sys\nassert not {HEAVY!r} & set(sys.modules), {HEAVY!r} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_only_output_prints() -> None:
    for path in SOURCES:
        if path != ROOT / "cli" / "output.py":
            calls = [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)]
            assert not any(isinstance(c.func, ast.Name) and c.func.id == "print" for c in calls), path

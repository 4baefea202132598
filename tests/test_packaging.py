"""What is installed: every folder of the package, the grammar and the nets, nothing beside `netdsl`."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
SOURCES = ("netdsl", "cli", "grammars", "nets")


def tracked() -> list[Path]:
    """The files that a fresh copy of the repository has, and new ones that git would take."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = (Path(name) for name in listed.stdout.decode().split("\0") if name)
    return [name for name in names if (ROOT / name).is_file()]


def python_files() -> list[Path]:
    return [file for folder in SOURCES for file in (ROOT / folder).rglob("*.py")]


def test_packages_are_the_folders_on_disk() -> None:
    mapped = {folder: name for name, folder in SETUPTOOLS["package-dir"].items()}
    folders = {file.parent.relative_to(ROOT) for file in python_files()}
    found = {mapped.get(str(folder), ".".join(folder.parts)) for folder in folders}
    assert sorted(SETUPTOOLS["packages"]) == SETUPTOOLS["packages"]
    assert set(SETUPTOOLS["packages"]) == found


def test_every_package_says_what_it_holds() -> None:
    for package in SETUPTOOLS["packages"]:
        folder = SETUPTOOLS["package-dir"].get(package, package.replace(".", "/"))
        text = (ROOT / folder / "__init__.py").read_text("utf-8")
        assert ast.get_docstring(ast.parse(text)), folder


def test_typer_is_below_the_version_that_imports_pydantic() -> None:
    (typer,) = (d for d in PROJECT["project"]["dependencies"] if d.startswith("typer"))
    assert "<0.29" in typer


def test_the_tested_torch_is_in_the_range() -> None:
    (torch,) = (d for d in PROJECT["project"]["dependencies"] if d.startswith("torch>"))
    assert torch == "torch>=2.11,<3"
    assert "torch==2.13.0" in (ROOT / "constraints.txt").read_text("utf-8").splitlines()


def imported(file: Path) -> set[str]:
    """The top-level names that a file imports, at its top or in a function."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names


DISTRIBUTIONS = {"PIL": "pillow", "yaml": "pyyaml"}


def test_imports_are_dependencies_and_torchvision_is_none() -> None:
    """torchvision has no build for this torch on a machine without a GPU."""
    every = {name for file in python_files() for name in imported(file)}
    assert "torchvision" not in every
    extras = [d for name, needs in PROJECT["project"]["optional-dependencies"].items() if name != "dev" for d in needs]
    names = {d.partition(">")[0] for d in [*PROJECT["project"]["dependencies"], *extras]}
    foreign = every - set(sys.stdlib_module_names) - {"netdsl"}
    assert {DISTRIBUTIONS.get(name, name) for name in foreign} <= names


def test_nobody_imports_cli_by_its_folder() -> None:
    for file in [*python_files(), *(ROOT / "tests").rglob("*.py")]:
        assert not {"cli", "grammars", "nets"} & imported(file), file


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a fresh copy: an old `build` folder here would leak deleted files."""
    copy = tmp_path_factory.mktemp("copy")
    for file in tracked():
        target = copy / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / file, target)
    out = tmp_path_factory.mktemp("wheel")
    build = "from setuptools import build_meta; import sys; build_meta.build_wheel(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", build, str(out)], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (built,) = out.glob("netdsl-*.whl")
    return built


def test_the_only_top_level_name_is_netdsl(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"netdsl"}
    assert not [name for name in names if "test" in name or "__pycache__" in name]


def test_every_source_file_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    sources = [
        f
        for f in tracked()
        if f.parts[0] in SOURCES and f.suffix in (".py", ".lark", ".net", ".txt", ".html", ".typed")
    ]
    expected = {str(f) if f.parts[0] == "netdsl" else f"netdsl/{f}" for f in sources}
    assert len([name for name in expected if name.endswith(".net")]) > 10
    assert {name for name in names if ".dist-info/" not in name} == expected


def test_installed_alone_it_finds_its_grammar_and_its_nets(wheel: Path, tmp_path: Path) -> None:
    """In a folder of its own, run from the root folder, where no source lies around."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    environment = {k: v for k, v in os.environ.items() if k != "COLUMNS"}
    environment |= {"PYTHONPATH": str(tmp_path / "site"), "NETDSL_CACHE": str(tmp_path / "cache")}
    code = """
import netdsl, sys
from netdsl.cli.app import main
assert netdsl.__file__.startswith(sys.argv.pop(1)), netdsl.__file__
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "site"), "summarize", "vgg16"],
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("vgg16(classes=1000)  bundled nets/vgg16.net\n")
    assert "138,357,544 parameters" in done.stdout

"""`netdsl summarize`."""

import json
from pathlib import Path

import pytest
from netdsl.cli.options import settings_from

from netdsl.passes.files import bundled_nets

from .conftest import Command, Golden

TABLES = Path(__file__).parent / "tables"
COLUMN = "C3D64 C3D64 M C3D128 C3D128 M C3D256 M FC4096 FC4096 FC1000 S"


@pytest.mark.parametrize("name", ["vgg16", "resnet", "googlenet", "densenet", "squeezenet"])
def test_tables(netdsl: Command, golden: Golden, name: str) -> None:
    result = netdsl("summarize", name)
    assert result.exit_code == 0
    assert result.stderr == "" or name == "squeezenet"  # whose first convolution leaves a border unread
    golden(result.stdout, TABLES / f"{name}.txt")


@pytest.mark.parametrize("columns", [80, 100, 120])
@pytest.mark.parametrize("name", bundled_nets())
def test_a_table_stays_in_its_width(netdsl: Command, name: str, columns: int) -> None:
    result = netdsl("summarize", name, "--batch", 64, columns=columns)
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= min(columns, 100)


def test_a_table_on_a_narrow_terminal_still_has_every_number(netdsl: Command) -> None:
    wide, narrow = (netdsl("summarize", "resnet", columns=columns).stdout for columns in (100, 80))
    assert "14,155,776" in wide and "jump" in wide
    assert "14.2M" in narrow and "jump" not in narrow
    assert narrow.count("\n") <= wide.count("\n") + 4


def test_names_that_are_too_long_keep_their_end(netdsl: Command) -> None:
    tag = "a_very_long_name_" * 8
    result = netdsl("summarize", f"net a {{ input 3x8x8 (C3-4 R) @{tag}x }}", columns=80)
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "…" in result.stdout and "x.conv1" in result.stdout and "x.relu1" in result.stdout


def test_codes_are_cut_only_where_there_is_no_room(netdsl: Command) -> None:
    net = "input 3x8x8 avg_pool(2, count_padding=false, padding=1) spatial_dropout(0.1)"
    net = f"net a {{ {net} }}"
    assert "avg_pool(2, padding=1, count_padding=false)" in netdsl("summarize", net, columns=100).stdout
    narrow = netdsl("summarize", net, columns=70).stdout
    assert "…" in narrow and "spatial_dropout(0.1)" in narrow
    assert max(map(len, narrow.splitlines()[:5])) <= 70


@pytest.mark.parametrize(("net", "layers"), [("C3-4 B R", "1 layer,"), ("C3-4 B R C3-4 B R", "2 layers,")])
def test_dropped_biases(netdsl: Command, net: str, layers: str) -> None:
    assert f"none in {layers}" in netdsl("summarize", net, "--input", "3x8x8").stdout


@pytest.mark.parametrize("path", ["vgg16", "nets/vgg16.net", "vgg16.net"])
def test_a_bundled_net_from_an_empty_folder(netdsl: Command, path: str) -> None:
    result = netdsl("summarize", path)
    assert result.exit_code == 0
    assert "138,357,544 parameters" in result.stdout
    assert result.stdout.splitlines()[0] == "vgg16(classes=1000)  bundled nets/vgg16.net"


@pytest.mark.parametrize("path", ["nets/vgg16.net", "vgg16.net"])
def test_a_file_that_is_here_wins(netdsl: Command, path: str) -> None:
    here = Path(path)
    here.parent.mkdir(exist_ok=True)
    here.write_text("net mine { input 1x4x4 F2 }")
    result = netdsl("summarize", path)
    assert result.stdout.splitlines()[0] == f"mine  {path}"
    assert "34 parameters" in result.stdout


def test_a_net_of_a_file_by_name(netdsl: Command) -> None:
    result = netdsl("summarize", "resnet.net:resnet110")
    assert "1,730,522 parameters" in result.stdout
    assert result.stdout.startswith("resnet110(n=18")
    result = netdsl("summarize", "resnet:resnet11")
    assert result.exit_code == 1
    assert "did you mean `resnet110`?" in result.stderr


def test_inline_nets(netdsl: Command) -> None:
    for size in ("3x32x32", "1x28x28"):
        result = netdsl("summarize", "CRCRPCRCRPCRCRPF10", "--input", size)
        assert result.exit_code == 0
        assert f"input {size}" in result.stdout
        assert "C3-64*" in result.stdout and "* the text leaves the numbers out" in result.stdout
        total = json.loads(netdsl("summarize", "CRCRPCRCRPCRCRPF10", "--input", size, "--json").stdout)["params"]
        assert f"{total:,} parameters" in result.stdout
    assert netdsl("summarize", "C3-8 R G F4", "--input", "2x50").exit_code == 0
    assert netdsl("summarize", "C3-8 R G F4", "--input", "2x8x8x8").exit_code == 0


def test_a_column_of_the_textbook_parses_with_a_warning(netdsl: Command) -> None:
    result = netdsl("summarize", COLUMN, "--input", "3x32x32")
    assert result.exit_code == 0
    assert "depth 8" in result.stdout
    assert "no nonlinearity stands between `C3D64` and `C3D64`" in result.stderr
    assert "R" in result.stderr.partition("help:")[2].splitlines()[0]


@pytest.mark.parametrize(
    "words",
    [
        ("--set", "depth=100", "--set", "k=12"),
        ("--set", "depth=100,k=12"),
        ("--set", " depth = 100 , k = 12 "),
    ],
)
def test_set(netdsl: Command, words: tuple[str, ...]) -> None:
    result = netdsl("summarize", "densenet", *words)
    assert result.stdout.startswith("densenet(depth=100, k=12, ")
    assert "depth 100" in result.stdout


def test_set_of_other_kinds(netdsl: Command) -> None:
    bc = netdsl("summarize", "densenet", "--set", "depth=100,bottleneck=true,theta=.5").stdout
    assert "769,162 parameters" in bc and "theta=0.5" in bc
    assert "config=A-LRN" in netdsl("summarize", "vgg", "--set", 'config="A-LRN"').stdout
    assert "config=A-LRN" in netdsl("summarize", "vgg", "--set", "config=A-LRN").stdout
    lists = "net a(sizes = [4, 8]) { input 3x8x8 for f in sizes { C3-{f} R } }"
    assert "12x8x8" in netdsl("summarize", lists, "--set", "sizes=[4, 8, 12]").stdout


@pytest.mark.parametrize(
    ("texts", "settings"),
    [
        (['config="A,b=3"'], {"config": '"A,b=3"'}),
        (["sizes=[1,2],k=3"], {"sizes": "[1,2]", "k": "3"}),
        (["sizes=[[1,2],[3,4]] , op=f(1,b=2)"], {"sizes": "[[1,2],[3,4]]", "op": "f(1,b=2)"}),
        (['a=")",b=1', "c=2"], {"a": '")"', "b": "1", "c": "2"}),
    ],
)
def test_commas_inside_brackets_and_quotes_do_not_separate(texts: list[str], settings: dict[str, str]) -> None:
    assert settings_from(texts) == settings


def test_depth(netdsl: Command) -> None:
    names = [line.split()[0] for line in netdsl("summarize", "resnet", "--depth", 1).stdout.splitlines()[3:8]]
    assert names == ["input", "conv1", "stage1", "stage2", "stage3"]
    unfolded = netdsl("summarize", "resnet", "--depth", 99).stdout
    assert "stage3.unit3.residual1.add1" in unfolded or "stage3.unit3.add1" in unfolded


def test_batch(netdsl: Command) -> None:
    """Parameters, their gradients and momentum three times 553.4 MB, and 73.2 MB an image."""
    assert "memory" not in netdsl("summarize", "vgg16").stdout
    lines = " ".join(netdsl("summarize", "vgg16", "--batch", 64).stdout.split())
    assert "memory 6.35 GB for a training step on 64 images: parameters 553.4 MB, gradients 553.4 MB" in lines
    assert "activations 4.69 GB; at most " in lines


def test_json(netdsl: Command) -> None:
    result = netdsl("summarize", "nets/vgg16.net", "--json", "--batch", 2)
    assert result.stderr == ""
    made = json.loads(result.stdout)
    assert (made["net"], made["file"], made["params"]) == ("vgg16", "bundled nets/vgg16.net", 138_357_544)
    assert made["memory"]["batch"] == 2
    assert made["memory"]["peak"] > 4 * 3 * made["params"]
    warned = netdsl("summarize", COLUMN, "--input", "3x32x32", "--json")
    assert json.loads(warned.stdout)["warnings"][0]["severity"] == "warning"
    assert warned.stderr == ""


def test_verify(netdsl: Command) -> None:
    result = netdsl("summarize", "baseline", "--verify")
    assert result.exit_code == 0
    assert result.stderr.startswith("verified: 10 rows equal those of torch ")
    assert "681,506 parameters" in result.stdout
    both = netdsl("summarize", "baseline", "--verify", "--json")
    assert json.loads(both.stdout)["params"] == 681_506
    assert "verified" in both.stderr


def test_what_a_paper_prints_is_shown_beside_what_is_counted(netdsl: Command) -> None:
    assert "printed     params of @5a 1072Ki; counted 1,043,456" in netdsl("summarize", "googlenet").stdout


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("vgg16", "--batch", "0"), "0 is not in the range"),
        (("vgg16", "--batch", "many"), "'many' is not"),
        (("vgg16", "--depth", "0"), "0 is not in the range"),
        (("vgg16", "--input", "224"), None),
        (("vgg16", "--input", "3x0x5"), "`3x0x5` is not a shape"),
        (("vgg16", "--input", "3*32*32"), "`3*32*32` is not a shape"),
        (("vgg16", "--input", "1x2x3x4x5"), "is not a shape"),
        (("vgg16", "--input", ""), "is not a shape"),
        (("vgg16", "--set", "classes"), "`classes` is not of the form NAME=VALUE"),
        (("vgg16", "--set", "=3"), "is not of the form"),
        (("vgg16", "--set", "classes="), "is not of the form"),
        (("densenet", "--set", "k=12,depth=50,k=24"), "`k` is given twice"),
        (("densenet", "--set", "depth=50", "--set", "depth=100"), "`depth` is given twice"),
        (("vgg16", "--bach", "3"), "--batch"),
        (("vgg16", "vgg19"), "vgg19"),
        ((), "Example: netdsl summarize"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_wrong_command_line(netdsl: Command, words: tuple[str, ...], found: str | None) -> None:
    result = netdsl("summarize", *words)
    if found is None:  # an input of channels only is a vector, which this net cannot take
        assert result.exit_code == 1
        return
    assert result.exit_code == 2
    assert found in " ".join((result.stderr + result.stdout).split())
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("words", "code", "found"),
    [
        (("nosuch",), "NET501", "there is no file `nosuch` and no bundled net `nosuch`"),
        (("densnet",), "NET501", "did you mean `densenet`?"),
        (("nets/nosuch.net",), "NET501", "there is no file `nets/nosuch.net`"),
        (("vgg16", "--set", "clases=10"), "NET204", "write `classes=10`"),
        (("vgg16", "--set", "classes=ten"), "NET", "classes"),
        (("vgg16", "--set", "classes=0"), "NET206", "`out_features` of `F` cannot be 0"),
        (("CRCR",), "NET214", "the size of the input is not given"),
        (("C3-8 Q", "--input", "3x8x8"), "NET", "Q"),
        (("resnet", "--set", "n=0.5"), "NET", "0.5"),
        (("densenet", "--set", "depth=41"), "NET207", "(depth - 4) / 3 = 37/3"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_an_error(netdsl: Command, words: tuple[str, ...], code: str, found: str) -> None:
    result = netdsl("summarize", *words)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"error[{code}")
    assert found in result.stderr
    assert "Traceback" not in result.stderr

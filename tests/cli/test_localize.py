"""What `netdsl localize` prints, of a result with known figures; the figures themselves are `tests/seeing`'s."""

import json
from pathlib import Path

import pytest
import torch

from netdsl.seeing import localize
from netdsl.seeing.localization import Tally
from netdsl.seeing.localize import Found, Localized

from .conftest import Command, Golden

TABLES = Path(__file__).parent / "tables"
KEYS = [
    "gt_known_loc",
    "top1_loc",
    "max_box_acc",
    "max_box_acc_v2",
    "pointing",
    "threshold",
    "curve",
    "images",
    "method",
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """What was asked of the task, which finds squares of 8 to 12 pixels where 10 are true."""
    calls: list[tuple] = []

    def made(tried, method, cutting, keep, watch):
        calls.append((tried, method, cutting, keep))
        true = torch.tensor([[4, 4, 14, 14]] * 10)
        maps = torch.zeros(10, 32, 32)
        for number, heat in enumerate(maps):
            side = 8 + number % 5
            heat[4 : 4 + side, 4 : 4 + side] = 1
        tally = Tally(cutting.threshold, cutting.of, cutting.box)
        boxes = tally.add(maps, true, torch.arange(10) > 1)
        image = torch.zeros(3, 32, 32, dtype=torch.uint8)
        found = [Found(image, maps[n], true[n], boxes[n], 0.6, "disk", "ring") for n in range(keep)]
        return Localized("tiny", "shapes", tried.split, "relu4", cutting, tally.result(method.name), found)

    monkeypatch.setattr(localize, "localize", made)
    return calls


@pytest.mark.parametrize("columns", [80, 120])
def test_the_table(netdsl: Command, golden: Golden, asked: list[tuple], columns: int) -> None:
    result = netdsl("localize", "runs/a", "--data", "shapes", columns=columns)
    assert result.exit_code == 0, result.output
    golden(result.stdout, TABLES / f"localize_{columns}.txt")


def test_json(netdsl: Command, asked: list[tuple]) -> None:
    found = json.loads(netdsl("localize", "runs/a", "--json").stdout)
    assert list(found) == KEYS
    assert list(found["gt_known_loc"]) == ["0.3", "0.5", "0.7"]
    assert found["gt_known_loc"]["0.7"] == 0.6 and found["top1_loc"] == 0.8 and found["pointing"] == 1
    assert found["images"] == 10 and found["method"] == "cam" and found["threshold"] == 0.5
    assert list(found["curve"][0]) == ["threshold", "box_acc", "box_acc_v2"] and len(found["curve"]) == 101


def test_what_is_asked(netdsl: Command, asked: list[tuple]) -> None:
    words = ("--method", "grad-cam", "--at", "@last", "--signed", "--of", "range", "--box", "smallest", "--best")
    netdsl("localize", "runs/a", "--split", "train", "--threshold", "0.2", *words)
    ((tried, method, cutting, keep),) = asked
    assert (tried.run, tried.split, tried.best, keep) == (Path("runs/a"), "train", True, 0)
    assert (method.name, method.at, method.signed) == ("grad-cam", "@last", True)
    assert (cutting.threshold, cutting.of, cutting.box) == (0.2, "range", "smallest")


def test_pictures(netdsl: Command, asked: list[tuple], tmp_path: Path) -> None:
    words = ("localize", "runs/a", "-o", "curve.png", "--sheet", "some.png", "-n", "3")
    shown = netdsl(*words).stdout
    assert "picture     curve.png" in shown and "picture     some.png" in shown
    assert asked[0][3] == 3
    (tmp_path / "some.png").write_bytes(b"mine")
    refused = netdsl(*words)
    assert refused.exit_code == 1 and "--force" in refused.stderr and len(asked) == 1
    assert (tmp_path / "some.png").read_bytes() == b"mine"
    assert netdsl(*words, "--force").exit_code == 0
    assert (tmp_path / "some.png").read_bytes() != b"mine"


@pytest.mark.parametrize(
    "words",
    [
        ("--threshold", "1.5"),
        ("--method", "magic"),
        ("--of", "mean"),
        ("--box", "round"),
        ("--split", "all"),
        ("-n", "0"),
        ("-o", ""),
        ("-o", "one.png", "--sheet", "one.png"),
    ],
)
def test_wrong_command_lines(netdsl: Command, asked: list[tuple], words: tuple[str, ...]) -> None:
    assert netdsl("localize", "runs/a", *words).exit_code == 2 and not asked


def test_no_run(netdsl: Command) -> None:
    result = netdsl("localize", "nothing")
    assert result.exit_code == 1 and "NET552" in result.stderr

"""What `netdsl mistakes` prints and draws, of mistakes that are made up; `tests/seeing` has a net's."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from netdsl.seeing import mistakes
from netdsl.seeing.mistakes import Mistake, Mistaken, Seen

from .conftest import Command, Golden

TABLES = Path(__file__).parent / "tables"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    calls: list[tuple] = []

    def made(tried, method, count, seed, watch):
        calls.append((tried, method, count, seed))
        image, heat = torch.zeros(3, 32, 32, dtype=torch.uint8), torch.rand(32, 32)
        seen = [
            Seen(Mistake(1200 + n, "cat", "dog", 2.5, {"dog": 0.9, "cat": 0.08, "ship": 0.02}), image, heat, heat)
            for n in range(min(count, 3))
        ]
        names = tried.run, "resnet", "cifar10", tried.split
        return Mistaken(*names, 10_000, 2_029, method.name, "relu1", seen, seed is not None)

    monkeypatch.setattr(mistakes, "find_mistakes", made)
    return calls


@pytest.mark.parametrize("columns", [80, 120])
def test_the_table(netdsl: Command, golden: Golden, asked: list[tuple], tmp_path: Path, columns: int) -> None:
    (tmp_path / "runs" / "a").mkdir(parents=True)
    result = netdsl("mistakes", "runs/a", "--data", "cifar10", columns=columns)
    assert result.exit_code == 0, result.output
    golden(result.stdout, TABLES / f"mistakes_{columns}.txt")
    assert (tmp_path / "runs/a/mistakes.png").exists()
    assert netdsl("mistakes", "runs/a").exit_code == 0, "the run's own picture is made anew"


def test_json_and_what_is_asked(netdsl: Command, asked: list[tuple]) -> None:
    words = ("-n", "2", "--sample", "--seed", "7", "--at", "@x", "-o", "m.png", "--json")
    found = json.loads(netdsl("mistakes", "runs/a", *words).stdout)
    assert found["wrong"] == 2029 and found["picture"] == "m.png" and found["method"] == "grad-cam"
    assert [each["number"] for each in found["mistakes"]] == [1200, 1201]
    assert found["mistakes"][0] == {
        "number": 1200,
        "true": "cat",
        "predicted": "dog",
        "loss": 2.5,
        "probabilities": {"dog": 0.9, "cat": 0.08, "ship": 0.02},
    }
    ((tried, method, count, seed),) = asked
    assert (tried.run, count, seed, method.at) == (Path("runs/a"), 2, 7, "@x")
    again = netdsl("mistakes", "runs/a", *words)
    assert again.exit_code == 1 and "--force" in again.stderr, "m.png is there"


def test_the_worst_need_no_seed(netdsl: Command, asked: list[tuple]) -> None:
    netdsl("mistakes", "runs/a", "-o", "m.png")
    assert asked[0][2:] == (12, None)


def test_a_net_without_mistakes(netdsl: Command, asked: list[tuple], monkeypatch: pytest.MonkeyPatch) -> None:
    some = mistakes.find_mistakes

    def none(*words):
        return replace(some(*words), wrong=0, seen=[])

    monkeypatch.setattr(mistakes, "find_mistakes", none)
    result = netdsl("mistakes", "runs/a", "-o", "m.png")
    assert result.exit_code == 0 and "mistakes    0 (0.00%)" in result.stdout and "picture" not in result.stdout
    assert not Path("m.png").exists()


@pytest.mark.parametrize("words", [("-n", "0"), ("--method", "magic"), ("--split", "all"), ("--seed", "-1")])
def test_wrong_command_lines(netdsl: Command, asked: list[tuple], words: tuple[str, ...]) -> None:
    assert netdsl("mistakes", "runs/a", *words).exit_code == 2 and not asked

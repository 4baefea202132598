"""The search for a learning rate: rates by equal factors, an end where the loss runs away, a usable suggestion."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from netdsl import DiagnosticsError
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.training import rate_search
from netdsl.tasks.training.rate_search import BELOW, FIRST_RATE, LAST_RATE, PICTURE, RATES, Rising, find_lr
from netdsl.tasks.training.train import train

ASKED = TrainConfig("C3-8 R P C3-16 R G F10", "shapes", batch=16)


def test_rates_grow_by_equal_factors():
    rates = [LAST_RATE * Rising().scale(step, 10**6, 5) for step in range(RATES)]
    assert rates[0] == pytest.approx(FIRST_RATE) and rates[-1] == pytest.approx(LAST_RATE)
    factors = {round(b / a, 9) for a, b in pairwise(rates)}
    assert len(factors) == 1


def test_a_search(few):
    found = find_lr(ASKED)
    assert found.rates[0] == pytest.approx(FIRST_RATE) and list(found.rates) == sorted(found.rates)
    assert len(found.rates) == len(found.losses) <= RATES
    low = found.losses[0] - 0.95 * (found.losses[0] - min(found.losses))
    behind = [
        loss for rate, loss in zip(found.rates, found.losses, strict=True) if rate > 1.5 * BELOW * found.suggestion
    ]
    before = [loss for rate, loss in zip(found.rates, found.losses, strict=True) if rate < found.suggestion]
    assert behind and min(behind) <= low < min(before), "a tenth of where the loss gets low"
    assert found.losses[found.rates.index(found.lowest)] == min(found.losses)
    assert found.picture == Path(PICTURE)
    with Image.open(PICTURE) as picture:
        assert picture.size == (960, 540)
    assert not Path("runs").exists()


def test_the_end_of_a_search(few, monkeypatch):
    """Rates up to a million: the loss runs away, and the search ends there."""
    monkeypatch.setattr(rate_search, "LAST_RATE", 1e6)
    found = find_lr(replace(ASKED, net="C3-8 B R P F10"))
    assert found.end is not None and found.lowest < found.end < 1e6
    assert len(found.rates) < RATES and max(found.losses) <= 4 * found.losses[0]


def test_the_suggestion_trains(few, tmp_path):
    """It does better in two epochs than a rate a thousand times lower."""
    rate = find_lr(ASKED).suggestion
    done = [train(replace(ASKED, epochs=2, lr=lr, out=tmp_path / str(lr))).epochs[-1] for lr in (rate, rate / 1000)]
    assert done[0].train_loss < done[1].train_loss


def test_the_picture_goes_to_out(few, tmp_path):
    assert find_lr(replace(ASKED, out=tmp_path / "new")).picture == tmp_path / "new" / PICTURE
    Path("file").write_text("")
    with pytest.raises(DiagnosticsError) as error:
        find_lr(replace(ASKED, out=tmp_path / "file"))
    assert error.value.diagnostics[0].code == "NET551"

"""Sweeps."""

from netdsl.style.iterative.settings import Settings
from netdsl.style.iterative.sweep import variations


def test_the_last_setting_runs_first() -> None:
    found = list(variations(Settings(), [("style_weight", (1.0, 10.0)), ("style_size", (100, 200, 300))]))
    assert [(each.style_weight, each.style_size) for each, _ in found] == [
        *((1.0, size) for size in (100, 200, 300)),
        *((10.0, size) for size in (100, 200, 300)),
    ]
    assert found[1][1] == "style weight 1, style size 200"

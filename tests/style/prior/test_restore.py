"""Restoring whole pictures: small ones, with a small hourglass, for a part of the usual steps."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from netdsl.diagnostics import DiagnosticsError
from netdsl.style.prior.restore import restore
from netdsl.style.prior.settings import Settings

SMALL = Settings(
    "a.png", net_settings={"levels": "3", "f": "16"}, steps=100, rate=0.02, averaging=0.9, precision="fp32"
)


class Told:
    def __init__(self):
        self.plans, self.steps, self.pictures = [], [], []

    def plan(self, plan):
        self.plans.append(plan)

    def step(self, number, loss, psnr, picture):
        self.steps.append((number, loss, psnr))
        if number in (1, 10):
            self.pictures.append(picture())


def discs(side: int = 64) -> Image.Image:
    """Flat discs with soft edges on a slope of colours."""
    y, x = np.mgrid[:side, :side] / side
    pixels = np.stack([255 * x, 255 * y, 128 + 100 * np.sin(5 * (x + y))], -1)
    for a, b, r, colour in ((0.3, 0.4, 0.2, (230, 40, 30)), (0.7, 0.6, 0.25, (20, 60, 220))):
        inside = (1 / (1 + np.exp((np.hypot(x - a, y - b) - r) * 2 * side)))[..., None]
        pixels = pixels * (1 - inside) + np.array(colour) * inside
    return Image.fromarray(pixels.round().clip(0, 255).astype(np.uint8))


def test_noise_goes() -> None:
    clean = discs()
    clean.save("truth.png")
    noise = 40 * np.random.default_rng(0).normal(size=(64, 64, 3))
    Image.fromarray((np.asarray(clean) + noise).round().clip(0, 255).astype(np.uint8)).save("a.png")
    told = Told()
    made = restore(SMALL, told, Path("truth.png"))
    assert made.psnr > made.psnr_before + 6 and 15 < made.psnr_before < 18
    assert [number for number, _, _ in told.steps] == list(range(1, 101))
    assert told.steps[-1][1:] == (made.loss, made.psnr)
    assert told.steps[-1][1] < 0.5 * told.steps[0][1]
    (plan,) = told.plans
    assert (plan.size, plan.own, plan.steps, plan.precision) == ((64, 64), (64, 64), 100, "fp32") and plan.seconds > 0
    first, tenth = told.pictures
    assert first.size == (64, 64) and first.tobytes() != tenth.tobytes() != made.picture.tobytes()


def test_a_hole_is_filled_with_what_is_around_it() -> None:
    clean = discs()
    clean.save("truth.png")
    mask = Image.new("L", (64, 64))
    mask.paste(255, (20, 20, 32, 32))
    mask.save("mask.png")
    clean.paste((0, 255, 0), (20, 20, 32, 32))
    clean.save("a.png")
    made = restore(replace(SMALL, task="inpaint", mask="mask.png", steps=150, jitter=0.0), Told(), Path("truth.png"))
    grey = np.asarray(discs(), float)[20:32, 20:32] - np.asarray(discs(), float).mean((0, 1))
    assert made.psnr > 10 * np.log10(255**2 / (grey**2).mean()) + 10
    outside = np.asarray(mask) == 0
    assert (np.asarray(made.picture)[outside] == np.asarray(clean)[outside]).all()


def test_enlarging_gives_what_reduces_to_the_picture() -> None:
    discs(64).save("truth.png")
    small = discs(64).resize((32, 32), Image.Resampling.LANCZOS)
    small.save("a.png")
    told = Told()
    made = restore(replace(SMALL, task="enlarge", steps=150, jitter=0.0), told, Path("truth.png"))
    assert made.picture.size == (64, 64) and told.plans[0].own == (32, 32)
    again = np.asarray(made.picture.resize((32, 32), Image.Resampling.LANCZOS), float)
    assert np.abs(again - np.asarray(small)).mean() < 1, "Pillow's kernel has three lobes, ours two"
    assert made.psnr > 28 and made.psnr_before > 28


def test_any_size_and_equal_seeds() -> None:
    discs(64).crop((0, 0, 61, 45)).save("a.png")
    short = replace(SMALL, steps=3)
    first, second, other = (restore(each, Told()).picture for each in (short, short, replace(short, seed=1)))
    assert first.size == (61, 45)
    assert first.tobytes() == second.tobytes() != other.tobytes()


def test_without_the_truth_nothing_is_compared() -> None:
    discs().save("a.png")
    told = Told()
    made = restore(replace(SMALL, steps=2), told)
    assert made.psnr is None and made.psnr_before is None and told.steps[0][2] is None


def test_bfloat16_comes_nearly_as_near_to_the_picture() -> None:
    discs().save("a.png")
    exact, rough = (restore(replace(SMALL, steps=60, precision=each), Told()) for each in ("fp32", "bf16"))
    assert rough.plan.precision == "bf16"
    assert rough.loss < 2 * exact.loss


def test_other_devices_are_refused_as_everywhere() -> None:
    discs().save("a.png")
    if not torch.cuda.is_available():
        with pytest.raises(DiagnosticsError):
            restore(SMALL, Told(), device="cuda")

"""Painting whole pictures, small ones, with the real loss network."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from netdsl.diagnostics import DiagnosticsError
from netdsl.style.iterative.paint import paint
from netdsl.style.iterative.settings import Settings, StyleChoice
from netdsl.style.pictures.sources import as_tensor, content_picture, scaled

SMALL = Settings(
    styles=(StyleChoice("starry"),), size=64, steps=6, style_layers={"conv1_1": 1.0, "conv2_1": 1.0}, precision="fp32",
    content_layers={"conv2_2": 1.0},
)  # fmt: skip


class Told:
    def __init__(self):
        self.plans, self.steps = [], []

    def say(self, message):
        pass

    def plan(self, plan):
        self.plans.append(plan)

    def step(self, done, size, step, picture):
        self.steps.append((done, size, step.total))


def test_the_loss_goes_down_and_everything_is_told() -> None:
    told = Told()
    made = paint(replace(SMALL, steps=12), told)
    assert made.picture.size == (64, 48)
    assert [done for done, _, _ in told.steps] == list(range(1, 13))
    assert told.steps[-1][2] < 0.5 * told.steps[0][2]
    assert (told.plans[0].sizes, told.plans[0].steps, told.plans[0].precision) == ((64,), 12, "fp32")
    assert told.plans[0].seconds > 0
    assert made.content + made.style + made.variation == told.steps[-1][2]


def test_equal_settings_give_equal_pictures() -> None:
    noise = replace(SMALL, init="noise", steps=3)
    first, second, other = (paint(each, Told()).picture for each in (noise, noise, replace(noise, seed=1)))
    assert first.tobytes() == second.tobytes() != other.tobytes()


def test_from_coarse_to_fine() -> None:
    told = Told()
    made = paint(replace(SMALL, size=256, steps=2), told)
    assert [size for _, size, _ in told.steps] == [128, 128, 256, 256]
    assert made.picture.size == (256, 192)


def test_tiles_paint_the_same_picture() -> None:
    """As far as rounding goes: the first steps, before it grows."""
    settings = replace(SMALL, size=256, steps=2, coarse=False)
    whole, by_tiles = (paint(each, Told()) for each in (settings, replace(settings, tile=96)))
    difference = np.abs(np.asarray(whole.picture, int) - np.asarray(by_tiles.picture, int))
    assert difference.max() <= 1 and difference.mean() < 0.01
    assert by_tiles.style == pytest.approx(whole.style, rel=1e-4)


def test_light_and_dark_alone() -> None:
    made = np.asarray(paint(replace(SMALL, keep_colors="luminance"), Told()).picture, int)
    content = np.asarray(scaled(content_picture(None), 64), int)
    inside = (made > 0).all(-1) & (made < 255).all(-1)
    assert inside.mean() > 0.5
    difference = (made[..., 0] - made[..., 2]) - (content[..., 0] - content[..., 2])
    assert np.abs(difference[inside]).max() <= 1


def test_matched_colours_come_nearer_to_the_contents() -> None:
    content = as_tensor(scaled(content_picture(None), 64)).mean((2, 3))
    settings = replace(SMALL, steps=15, content_weight=0.01)
    plain, matched = (
        as_tensor(paint(each, Told()).picture).mean((2, 3))
        for each in (settings, replace(settings, keep_colors="match"))
    )
    assert (matched - content).norm() < (plain - content).norm()


def test_texture_needs_no_content() -> None:
    told = Told()
    made = paint(replace(SMALL, content_weight=0.0, init="noise", steps=15), told)
    assert made.content == 0 and made.style < 0.1 * told.steps[0][2]


def test_reconstruction_needs_no_style() -> None:
    """From the features of conv1_1, the picture itself comes back."""
    settings = replace(SMALL, styles=(), style_weight=0.0, content_layers={"conv1_1": 1.0}, init="noise", steps=60)
    made = as_tensor(paint(settings, Told()).picture)
    content = as_tensor(scaled(content_picture(None), 64))
    assert (made - content).abs().mean() < 10 < (128 - content).abs().mean() / 4


def test_an_image_to_begin_with() -> None:
    Image.new("RGB", (90, 90), (10, 200, 30)).save("begin.png")
    settings = replace(SMALL, init="begin.png", steps=1, optimizer="adam", rate=0.01)
    made = paint(settings, Told()).picture
    assert made.getpixel((30, 20)) == (10, 200, 30)


def test_a_style_for_a_region() -> None:
    mask = Image.new("L", (64, 48))
    mask.paste(255, (0, 0, 16, 48))
    mask.save("left.png")
    styles = (StyleChoice("starry", 1.0, "left.png"),)
    made = as_tensor(paint(replace(SMALL, styles=styles), Told()).picture)
    changed = (made - as_tensor(scaled(content_picture(None), 64))).abs().mean((0, 1, 2))
    assert changed[:16].mean() > 5 * changed[40:].mean()


def test_styles_of_weight_nought_do_not_count() -> None:
    one = paint(SMALL, Told()).picture
    two = paint(replace(SMALL, styles=(*SMALL.styles, StyleChoice("embers", 0.0))), Told()).picture
    assert one.tobytes() == two.tobytes()


@pytest.mark.parametrize(
    "changes",
    [{"content_weight": 0.0, "style_weight": 0.0}, {"content_weight": 0.0, "styles": (StyleChoice("starry", 0.0),)}],
)
def test_nothing_to_paint_after(changes) -> None:
    with pytest.raises(DiagnosticsError) as caught:
        paint(replace(SMALL, **changes), Told())
    assert caught.value.diagnostics[0].code == "NET653"


def test_bfloat16_paints_nearly_as_well() -> None:
    exact, rough = (paint(replace(SMALL, steps=15, precision=each), Told()) for each in ("fp32", "bf16"))
    assert rough.plan.precision == "bf16"
    assert rough.content + rough.style < 1.15 * (exact.content + exact.style)


def test_other_devices_are_refused_as_everywhere() -> None:
    if not torch.cuda.is_available():
        with pytest.raises(DiagnosticsError):
            paint(SMALL, Told(), "cuda")

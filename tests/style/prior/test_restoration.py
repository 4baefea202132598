"""The three tasks by hand: loss, result, how near to the truth, and the pictures they are made from."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from netdsl.diagnostics import DiagnosticsError
from netdsl.style.pictures.sources import as_tensor, sample
from netdsl.style.prior.resample import Reduce
from netdsl.style.prior.restoration import Restoration, restoration, truth_of
from netdsl.style.prior.settings import LARGEST, Settings

CPU = torch.device("cpu")


def refused(call, *arguments):
    with pytest.raises(DiagnosticsError) as caught:
        call(*arguments)
    (problem,) = caught.value.diagnostics
    return problem


@pytest.fixture
def given() -> torch.Tensor:
    return torch.rand(1, 3, 16, 24, generator=torch.Generator().manual_seed(3)) * 255


def half_hole(given: torch.Tensor) -> torch.Tensor:
    hole = torch.zeros(1, 1, *given.shape[2:])
    hole[..., 8:] = 1
    return hole


def test_denoising(given) -> None:
    task = Restoration(given, given)
    assert task.loss(given / 255 + 0.5).item() == pytest.approx(0.25, rel=1e-5)
    assert torch.equal(task.result(given / 255), given / 255 * 255)
    assert task.size == (16, 24)


def test_a_hole_has_no_loss_and_what_is_known_stays(given) -> None:
    hole = half_hole(given)
    task = Restoration(given, given, hole)
    output = given / 255 + 0.5 * (1 - hole) + 123 * hole
    assert task.loss(output).item() == pytest.approx(0.25, rel=1e-5)
    made = task.result(torch.zeros_like(given))
    assert torch.equal(made[..., :8], given[..., :8]) and made[..., 8:].abs().max() == 0


def test_enlarging_compares_what_was_reduced_and_keeps_it(given) -> None:
    large = torch.rand(1, 3, 32, 48)
    reduce = Reduce(32, 48, 2, CPU)
    task = Restoration(given, large * 255, None, reduce)
    assert task.loss(large).item() == pytest.approx((reduce(large) - given / 255).square().mean().item())
    assert task.size == (32, 48)
    assert torch.allclose(reduce(task.result(large)), given, atol=1e-3)


def test_psnr_by_hand(given) -> None:
    whole = given.round()
    truth = (whole + 5).clamp(0, 255)
    far = (truth - whole).square().mean().item()
    assert Restoration(given, given).psnr(whole, truth) == pytest.approx(10 * math.log10(255**2 / far))
    assert Restoration(given, given).psnr(truth, truth) == math.inf
    hole = half_hole(given)
    wrong = torch.where(hole > 0, (truth - 10).abs(), torch.zeros_like(truth))
    within = (wrong - truth)[..., 8:].square().mean().item()
    assert Restoration(given, given, hole).psnr(wrong, truth) == pytest.approx(10 * math.log10(255**2 / within))


def test_sizes() -> None:
    Image.new("RGB", (600, 400), "red").save("a.png")
    settings = Settings("a.png")
    made, own = restoration(settings, CPU)
    assert own == (600, 400) and made.size == (round(400 * LARGEST / 600), LARGEST)
    assert restoration(replace(settings, size=600), CPU)[0].size == (400, 600)
    assert restoration(replace(settings, size=60), CPU)[0].size == (40, 60)
    made, _ = restoration(replace(settings, task="enlarge", factor=3), CPU)
    assert made.size == (1200, 1800) and made.given.shape == (1, 3, 400, 600)
    assert restoration(replace(settings, task="enlarge", factor=3, size=360), CPU)[0].given.shape == (1, 3, 80, 120)
    problem = refused(restoration, replace(settings, task="enlarge", factor=4), CPU)
    assert problem.code == "NET651" and problem.found == "600x400"


def test_what_enlarging_is_compared_with_is_bicubic() -> None:
    sample("garden").save("a.png")
    made, _ = restoration(Settings("a.png", "enlarge", size=256), CPU)
    small = Image.fromarray(made.given[0].permute(1, 2, 0).byte().numpy())
    bicubic = small.resize((small.width * 2, small.height * 2), Image.Resampling.BICUBIC)
    assert torch.equal(made.before, as_tensor(bicubic))


def test_masks() -> None:
    picture, mask = Image.new("RGB", (64, 32), "red"), Image.new("L", (64, 32))
    picture.save("a.png")
    mask.paste(200, (16, 8, 32, 16))
    mask.paste(100, (0, 0, 8, 8))  # nearer to black: known
    mask.save("mask.png")
    settings = Settings("a.png", "inpaint", mask="mask.png")
    hole = restoration(settings, CPU)[0].hole
    expected = torch.zeros(1, 1, 32, 64)
    expected[..., 8:16, 16:32] = 1
    assert torch.equal(hole, expected)
    mask.resize((128, 64), Image.Resampling.NEAREST).save("mask.png")
    assert torch.equal(restoration(settings, CPU)[0].hole, expected)


def test_no_pixel_beside_a_hole_holds_its_colour_when_reduced() -> None:
    """A red picture with a green scratch: what is known of it when reduced is red."""
    picture, mask = Image.new("RGB", (200, 100), (255, 0, 0)), Image.new("L", (200, 100))
    for x in range(20, 180, 16):
        picture.paste((0, 255, 0), (x, 3, x + 3, 97))
        mask.paste(255, (x, 3, x + 3, 97))
    picture.save("a.png")
    mask.save("mask.png")
    made, _ = restoration(Settings("a.png", "inpaint", mask="mask.png", size=64), CPU)
    known = (made.hole == 0).expand_as(made.given)
    red = torch.tensor([255.0, 0, 0]).view(1, 3, 1, 1)
    assert 0.2 < made.hole.mean() < 0.8
    assert (made.given - red)[known].abs().max() <= 16


@pytest.mark.parametrize(("grey", "code"), [(0, "NET654"), (100, "NET663"), (255, "NET663")])
def test_masks_that_leave_nothing(grey: int, code: str) -> None:
    Image.new("RGB", (64, 32), "red").save("a.png")
    Image.new("L", (64, 32), grey).save("mask.png")
    assert refused(restoration, Settings("a.png", "inpaint", mask="mask.png"), CPU).code == code


def test_a_mask_of_another_form_and_no_picture() -> None:
    Image.new("RGB", (64, 32), "red").save("a.png")
    Image.new("L", (64, 48), 255).save("mask.png")
    assert refused(restoration, Settings("a.png", "inpaint", mask="mask.png"), CPU).code == "NET654"
    assert refused(restoration, Settings("b.png"), CPU).code == "NET651"


def test_the_truth() -> None:
    path, picture = Path("a.png"), sample("starry")
    picture.save(path)
    assert torch.equal(truth_of(path, picture.size[::-1], CPU), as_tensor(picture))
    half = (picture.width // 2, picture.height // 2)
    reduced = as_tensor(picture.resize(half, Image.Resampling.LANCZOS))
    assert torch.equal(truth_of(path, half[::-1], CPU), reduced)
    assert refused(truth_of, path, (64, 64), CPU).code == "NET663"

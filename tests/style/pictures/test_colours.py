"""Colours that stay: luminance, and a linear map of the style's colours."""

import torch

from netdsl.style.pictures.colours import LIGHT, luminance_of, matched


def random(seed, height=20, width=30):
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed)) * 255


def light(picture):
    return (picture * torch.tensor(LIGHT).view(1, 3, 1, 1)).sum(1)


def test_light_of_one_colour_of_the_other() -> None:
    painted, colours = random(1), random(2)
    made = luminance_of(painted, colours)
    assert torch.allclose(light(made), light(painted), atol=1e-3)
    assert torch.allclose(made[:, 0] - made[:, 2], colours[:, 0] - colours[:, 2], atol=1e-3)


def test_a_grey_content_makes_a_grey_picture() -> None:
    grey = random(3)[:, :1].repeat(1, 3, 1, 1)
    made = luminance_of(random(1), grey)
    assert torch.allclose(made[:, 0], made[:, 1], atol=1e-3) and torch.allclose(made[:, 1], made[:, 2], atol=1e-3)


def test_matched_colours_have_the_contents_mean_and_covariance() -> None:
    style, content = random(1) * torch.tensor([1, 0.3, 0.5]).view(1, 3, 1, 1), 0.4 * random(2, 7, 50) + 60
    made, wanted = matched(style, content)[0].flatten(1), content[0].flatten(1)
    assert torch.allclose(made.mean(1), wanted.mean(1), atol=0.01)
    assert torch.allclose(torch.cov(made, correction=0), torch.cov(wanted, correction=0), rtol=1e-3, atol=0.05)


def test_its_own_colours_change_nothing() -> None:
    style = random(1)
    assert torch.allclose(matched(style, style), style, atol=0.01)


def test_a_style_of_one_colour_takes_the_contents_mean() -> None:
    made = matched(torch.full((1, 3, 8, 8), 90.0), random(2))
    assert made.isfinite().all()
    assert torch.allclose(made.mean((2, 3)), random(2).mean((2, 3)), atol=0.01)

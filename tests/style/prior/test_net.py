"""The net for a picture's size, and nets that are none."""

import pytest
import torch

from netdsl.diagnostics import DiagnosticsError
from netdsl.style.prior.net import prior_net
from netdsl.style.prior.settings import Settings

SMALL = {"levels": "2", "f": "8"}


def refused(*arguments):
    with pytest.raises(DiagnosticsError) as caught:
        prior_net(*arguments)
    (problem,) = caught.value.diagnostics
    return problem


@pytest.mark.parametrize(("size", "laid_out"), [((64, 96), (64, 96)), ((65, 100), (96, 128)), ((16, 40), (64, 64))])
def test_the_bundled_net_takes_multiples_of_32(size, laid_out) -> None:
    net = prior_net(Settings("a.png", net_settings={"f": "8"}), size)
    assert net.network.input.shape == (32, *laid_out)
    assert net.module(torch.rand(1, 32, *laid_out)).shape == (1, 3, *laid_out)
    assert net.module.training


def test_parameters_of_the_net() -> None:
    net = prior_net(Settings("a.png", net_settings=SMALL), (30, 30))
    assert net.network.input.shape == (32, 32, 32)
    assert net.network.params < 10_000


def test_half_of_the_papers_channels_unless_a_net_is_named() -> None:
    assert prior_net(Settings("a.png"), (64, 64)).network.settings["f"] == 64
    assert prior_net(Settings("a.png", net_settings={"f": "16"}), (64, 64)).network.settings["f"] == 16
    assert prior_net(Settings("a.png", net="deep_image_prior.net"), (64, 64)).network.params == 2_215_251


def test_equal_seeds_give_equal_weights_and_leave_torchs_alone() -> None:
    torch.manual_seed(5)
    first = prior_net(Settings("a.png", net_settings=SMALL), (32, 32)).module.state_dict()
    after = torch.rand(1)
    torch.manual_seed(5)
    assert torch.equal(after, torch.rand(1))
    same, other = (
        prior_net(Settings("a.png", net_settings=SMALL, seed=seed), (32, 32)).module.state_dict() for seed in (0, 1)
    )
    assert all(torch.equal(first[name], same[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_another_net_and_one_of_a_fixed_size() -> None:
    net = prior_net(Settings("a.png", net="net mine { input 8xHxW  C3-16 R C1-3 sigmoid }"), (17, 23))
    assert net.network.input.shape == (8, 17, 23)
    fixed = Settings("a.png", net="net mine { input 8x32x32  C3-16 R C1-3 sigmoid }")
    assert prior_net(fixed, (17, 23)).network.input.shape == (8, 32, 32)
    problem = refused(fixed, (17, 33))
    assert problem.code == "NET662" and "33 pixels" in problem.expected


@pytest.mark.parametrize(
    ("net", "found"),
    [
        ("net a { input 8xHxW  C3-16 R C1-4 }", "4x"),
        ("net a { input 8xHxW  C3-16/2 R C1-3 }", "3x"),
        ("CRCRPF10", "10 for"),
        ("pastiche.net:pastiche_six", "3x256x256 and more"),
        ("net a { input 8x32  C3-16 R C1-3 }", "8x32"),
    ],
)
def test_nets_that_give_no_picture(net: str, found: str) -> None:
    settings = Settings("a.png", net=net if "input" in net or ".net" in net else f"net a {{ input 8x64x64 {net} }}")
    problem = refused(settings, (64, 64))
    assert problem.code == "NET662" and found in problem.found


def test_a_slip_in_the_net_is_told_as_everywhere() -> None:
    assert refused(Settings("a.png", net="net a { input 8xHxW  Q3 }"), (64, 64)).code == "NET201"
    assert refused(Settings("a.png", net_settings={"widht": "8"}), (64, 64)).code == "NET204"

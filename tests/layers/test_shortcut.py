"""What residual units need on their way: ResNet's option A and stochastic depth."""

import torch

from .making import codes, fmap, make


def test_resnets_shortcut_without_parameters() -> None:
    x = fmap("16x32x32")
    layer = make("subsample", x, out_channels=32, stride=2)
    assert (str(layer.output(x)), layer.params(x), layer.code) == ("32x16x16", 0, "subsample(32, 2)")
    image = torch.randn(1, 16, 32, 32)
    y = layer.lower(x)(image)
    torch.testing.assert_close(y[:, :16], image[:, :, ::2, ::2])
    assert not y[:, 16:].any()


def test_channels_are_never_dropped() -> None:
    x = fmap("32x8x8")
    assert codes(make("subsample", x, out_channels=16).problems(x)) == ["NET302"]


def test_stochastic_depth_drops_whole_images_while_training() -> None:
    x = fmap("4x2x2")
    layer = make("drop_path", x, p=0.5)
    assert layer.code == "drop_path(0.5)"
    module = layer.lower(x)
    torch.manual_seed(0)
    y = module(torch.ones(64, 4, 2, 2))
    assert set(y.mean(dim=(1, 2, 3)).tolist()) == {0.0, 2.0}
    torch.testing.assert_close(module.eval()(torch.ones(2, 4, 2, 2)), torch.ones(2, 4, 2, 2))
    assert make("drop_path", x, p=0).vanishes

"""Layers that multiply or compare channels: Inception-ResNet's, CaiT's and maxout's numbers."""

import torch

from .making import early_problems, fmap, make

X = fmap("6x2x2")


def test_inception_resnets_scaled_residuals() -> None:
    layer = make("times", X, factor=0.17)
    assert (layer.code, layer.output(X), layer.params(X)) == ("times(0.17)", X, 0)
    torch.testing.assert_close(layer.lower(X)(torch.ones(1, 6, 2, 2)), torch.full((1, 6, 2, 2), 0.17))


def test_layer_scale_learns_a_number_a_channel() -> None:
    layer = make("scale", X, init=1e-6)
    assert (layer.code, layer.params(X)) == ("scale(init=1e-06)", 6)
    torch.testing.assert_close(layer.lower(X)(torch.ones(1, 6, 2, 2)), torch.full((1, 6, 2, 2), 1e-6))
    assert make("scale", X).code == "scale"


def test_lenets_subsampling_has_a_factor_and_a_bias_for_each_map() -> None:
    layer = make("scale", X, bias=True)
    assert (layer.code, layer.params(X)) == ("scale(bias=true)", 12)
    module = layer.lower(X)
    with torch.no_grad():
        module.weight.fill_(3), module.bias.copy_(torch.arange(6))
    torch.testing.assert_close(module(torch.ones(1, 6, 1, 1)).flatten(), 3 + torch.arange(6.0))


def test_scale_of_a_vector() -> None:
    assert make("scale", fmap("6")).lower(fmap("6"))(torch.ones(3, 6)).shape == (3, 6)


def test_maxout_takes_the_largest_of_neighbouring_channels() -> None:
    layer = make("maxout", X, pieces=2)
    assert (layer.code, str(layer.output(X))) == ("maxout(2)", "3x2x2")
    y = layer.lower(X)(torch.tensor([1.0, 4, 2, 0, 3, 3]).reshape(1, 6, 1, 1))
    assert y.flatten().tolist() == [4, 2, 3]


def test_maxout_needs_whole_pieces() -> None:
    (problem,) = make("maxout", X, pieces=4).problems(X)
    assert (problem.code, problem.replacement) == ("NET302", "maxout(2)")
    assert [p.code for p in early_problems("maxout", X)] == ["NET205"]

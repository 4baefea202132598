"""Scores and maps of pictures by every method, at sizes of their own."""

import pytest
import torch

from netdsl.diagnostics import DiagnosticsError
from netdsl.seeing.looker import METHODS, Looker, Method, upsampled
from netdsl.seeing.subject import open_subject


@pytest.fixture(scope="module")
def pixels():
    return torch.randint(0, 256, (3, 3, 32, 48), generator=torch.Generator().manual_seed(2)).byte()


@pytest.mark.parametrize("name", METHODS)
def test_scores_are_those_of_the_net(small, pixels, name):
    look = Looker(small, Method(name))(pixels)
    with torch.no_grad():
        expected = small.module(small.batch(pixels))
    assert torch.allclose(look.scores, expected, atol=1e-5) and not look.scores.requires_grad
    maps = look.maps(torch.tensor([[3, 999], [0, 1], [5, 5]]))
    assert maps.shape == (3, 2, 16, 24) and not maps.requires_grad
    assert torch.equal(maps[2, 0], maps[2, 1])
    assert (maps.min() < 0) == (name == "cam")


def test_all_classes_and_the_bias(small, pixels):
    looker = Looker(small)
    look = looker(pixels)
    every = look.maps(None)
    assert every.shape == (3, 1000, 16, 24) and looker.at == "last"
    assert torch.allclose(every.mean((2, 3)) + looker.bias, look.scores, atol=1e-4)
    assert torch.allclose(look.probabilities.sum(1), torch.ones(3))
    assert Looker(small, Method("grad-cam")).bias is None


def test_gradients_of_all_classes(random_weights, pixels):
    net = "net a { input 3x32x48  C3-4 R P C3-6 R F5 }  recipe imagenet { normalize = imagenet }"
    subject = open_subject(net, random_weights(net))
    look = Looker(subject, Method("layer-cam", "relu1", signed=True))(pixels)
    assert look.maps(None).shape == (3, 5, 32, 48)


def test_a_place_is_for_the_methods_by_gradients(small):
    with pytest.raises(DiagnosticsError, match="NET606"):
        Looker(small, Method("cam", "@last"))
    assert Looker(small, Method("grad-cam", "conv1")).at == "conv1"


def test_upsampling_is_bilinear_over_equal_parts():
    maps = torch.tensor([[[[0.0, 4.0]]]])
    assert upsampled(maps, (1, 4))[0, 0, 0].tolist() == [0, 1, 3, 4]
    assert upsampled(maps, (3, 2)).shape == (1, 1, 3, 2)


HEADS = {
    "ends in them": "net a { input 3x16x16  C3-6 B R @x  head one from @x { C3-4 R G F3 }  head two from @x { G F5 } }",
    "beside": "net a { input 3x16x16  C3-6 B R @x  head two(weight = .3) from @x { C3-4 R G F5 }  from @x G F3 }",
}


@pytest.mark.parametrize("name", ["cam", "grad-cam"])
@pytest.mark.parametrize("net", HEADS.values(), ids=HEADS)
def test_heads_have_maps_and_classes_of_their_own(random_weights, pixels, net, name):
    net += "  recipe imagenet { normalize = imagenet }"
    subject = open_subject(net, random_weights(net))
    for head, count in ((None, 3), ("two", 5)):
        looker = Looker(subject, Method(name, head=head))
        look = looker(pixels)
        assert look.scores.shape == (3, count) and look.maps(None).shape == (3, count, 32, 48)
        assert looker.classes == tuple(map(str, range(count)))

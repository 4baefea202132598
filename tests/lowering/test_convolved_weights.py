"""A net and its fully convolutional form: one and the same on the net's own size, a sliding window on larger images."""

import pytest
import torch
from torch import Tensor, nn

from netdsl.compiler import Pipeline, compile_network
from netdsl.convolving import Convolved, fully_convolutional
from netdsl.geometry import FeatureMap
from netdsl.lowering import to_torch
from netdsl.lowering.convolved_weights import convolved_weights

SMALL = FeatureMap(3, (16, 16))
VGG_LIKE = "(C3-8 R)*2 P (C3-16 R)*2 P (F32 R D.5)*2 F10"


def both(net: str, image: FeatureMap | None = None, average: bool = False) -> tuple[Convolved, nn.Module, nn.Module]:
    """A net with random weights, and its form, laid out for any size, with the same weights; in evaluation mode."""
    torch.manual_seed(0)
    convolved = fully_convolutional(Pipeline.of(net), given=image, average=average)
    module, form = to_torch(convolved.before), to_torch(convolved.anywhere)
    for tensor in module.buffers():  # running statistics that are not those of a norm that does nothing
        if tensor.is_floating_point():
            tensor.uniform_(0.5, 1.5)
    form.load_state_dict(convolved_weights(convolved.before, convolved.anywhere, module, form))
    return convolved, module.eval(), form.eval()


def agree(ours: Tensor, theirs: Tensor) -> bool:
    """To 1e-4 of the largest: other kernels round otherwise."""
    return bool((ours - theirs).abs().max() <= 1e-4 * ours.abs().max())


@pytest.mark.parametrize(
    ("net", "image"),
    [
        ("alexnet", None),
        ("lenet5", None),
        ("lenet5.net:lenet5_1998", None),
        ("baseline", None),
        ("bn_vgg", None),
        ("c3d", None),
        (VGG_LIKE, SMALL),
        (VGG_LIKE, FeatureMap(3, (16, 24))),
        ("C3-8 R P F32 B R F16b B R F10n S", SMALL),
        ("C3-8 R flatten D.5 R F10", SMALL),
        ("C3-8 R P mul { id | G F2 R F8 sigmoid } F10", SMALL),
    ],
)
def test_equal_on_the_own_size(net: str, image: FeatureMap | None) -> None:
    convolved, module, form = both(net, image)
    x = torch.randn(2, *convolved.before.input.shape)
    with torch.inference_mode():
        ours, theirs = module(x), form(x)
    assert theirs.shape == (*ours.shape, *(1,) * len(convolved.before.input.size))
    assert agree(ours, theirs.flatten(1))


def test_heads_too() -> None:
    _, module, form = both("C3-8 R head aux { P F4 R F10 } C3-8 R P F10", SMALL)
    x = torch.randn(2, 3, 16, 16)
    with torch.inference_mode():
        (main, aux), (main_form, aux_form) = module.train()(x), form.train()(x)
    assert agree(main, main_form.flatten(1))
    assert agree(aux["aux"], aux_form["aux"].flatten(1))


def test_shared_layers_have_their_weights_once() -> None:
    text = "net x { input 3x16x16 share s { F10 } concat { C3-4 R s | C1-4 R s } R F5 }"
    convolved, module, form = both(text)
    assert sum(p.numel() for p in form.parameters()) == convolved.before.params
    x = torch.randn(2, 3, 16, 16)
    with torch.inference_mode():
        assert agree(module(x), form(x).flatten(1))


def windows(x: Tensor, size: int, stride: int) -> Tensor:
    """All windows of an image, row by row: rows x columns x C x size x size."""
    return x[0].unfold(1, size, stride).unfold(2, size, stride).permute(1, 2, 0, 3, 4)


def test_without_padding_it_is_the_net_slid_over_the_image() -> None:
    """LeNet-5 pads nothing: each place of the map is what the net gives for the window there, 4 pixels apart."""
    _, module, form = both("lenet5")
    x = torch.randn(1, 1, 52, 44)
    with torch.inference_mode():
        found = form(x)[0].permute(1, 2, 0)
        cut = windows(x, 32, 4)
        slid = module(cut.flatten(0, 1)).unflatten(0, cut.shape[:2])
    assert found.shape == (6, 4, 10)
    assert agree(slid, found)


def test_with_padding_a_window_sees_its_neighbours_where_the_net_saw_zeros() -> None:
    """So a padded net's map is not that of its windows; where these are the whole image it is."""
    _, module, form = both(VGG_LIKE, SMALL)
    x = torch.randn(1, 3, 24, 20)
    with torch.inference_mode():
        found = form(x)[0].permute(1, 2, 0)
        cut = windows(x, 16, 4)
        slid = module(cut.flatten(0, 1)).unflatten(0, cut.shape[:2])
        assert found.shape == slid.shape == (3, 2, 10)
        assert not agree(slid, found)
        assert agree(module(x[..., :16, :16]), form(x[..., :16, :16]).flatten(1))


def test_the_mean_over_the_map() -> None:
    _, _, form = both("lenet5")
    _, _, averaged = both("lenet5", average=True)
    x = torch.randn(2, 1, 48, 40)
    with torch.inference_mode():
        assert averaged(x).shape == (2, 10)
        assert agree(form(x).mean(dim=(2, 3)), averaged(x))


def test_an_end_of_one_pixel_at_one_size_is_a_map_at_others() -> None:
    """OverFeat is laid out at 256 pixels, where its map is one pixel large."""
    network = fully_convolutional(Pipeline.of("overfeat")).anywhere
    assert network.nodes[network.output_node].output.size == (1, 1)
    with torch.device("meta"):
        form = to_torch(network).eval()
        assert form(torch.empty(1, 3, 231, 231)).shape == (1, 1000, 1, 1)
        assert form(torch.empty(1, 3, 281, 317)).shape == (1, 1000, 2, 3)


def test_one_pixel_at_every_size_is_a_vector() -> None:
    module = to_torch(compile_network("net x { input 3xHxW C3-8 R head aux { C1-4 G } G F10 }")).eval()
    assert module(torch.zeros(2, 3, 40, 20)).shape == (2, 10)

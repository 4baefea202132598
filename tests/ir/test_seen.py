"""The pixels that a unit sees, against what one changed pixel of the input really changes in a double-precision net."""

import pytest
import torch

from netdsl import compile_network
from netdsl.ir.parts import tensor_at
from netdsl.ir.seen import seen
from netdsl.lowering import feature_maps, to_torch

NETS = {
    "a chain with padding and strides": "input 1x23x31  C5-2/2 R P3/2s C3-2 R @end",
    "rectangles": "input 1x16x20  C1x5-2/1x2 R P2x3/2x1 C3x1-2v @end",
    "branches of different reach": "input 1x20x20  concat { C1-1 | C5-1/2p2 U2 | P3/1s } @mixed C3-1/2 @end",
    "a residual unit": "input 1x17x17  C3-2/2 residual { C3-2 C3-2 } @end",
    "dilation": "input 1x21x21  C3-1d3 R C3-1/2v @end",
    "no padding, rounded up": "input 1x30x30  C3-2/2v R P3/2c C3-2v @end",
    "upsampling by copies": "input 1x12x12  C3-2/2 U2 C3-1 @end",
    "bilinear upsampling": "input 1x12x12  C3-2/2 upsample(2, mode=bilinear) C3-1 @end",
    "a transposed convolution": "input 1x9x9  C3-2/2 T4-1/2p1 C3-1 @end",
    "a pad and a crop": "input 1x16x16  pad(3) C5-1v C3-1v @small C3-1p3 crop(@small) @end",
}


def changes(text: str) -> tuple[object, torch.Tensor]:
    """Height x width x height' x width': whether a pixel changes a unit, all weights being positive."""
    network = compile_network(f"net probed {{ {text} }}")
    module = feature_maps(to_torch(network), ["end"]).eval().double()
    for weight in module.parameters():
        torch.nn.init.uniform_(weight, 0.5, 1)
    _, height, width = network.input.shape
    generator = torch.Generator().manual_seed(0)
    flat = torch.rand(1, 1, height, width, generator=generator, dtype=torch.float64)
    raised = flat + 10 * torch.eye(height * width, dtype=torch.float64).view(-1, 1, height, width)
    lowered = flat - 10 * torch.eye(height * width, dtype=torch.float64).view(-1, 1, height, width)
    with torch.no_grad():
        before = module(flat)["end"]
        changed = [
            ((module(many)["end"] - before).abs() > 1e-6).any(1) for many in (raised, lowered)
        ]  # more than rounding
    either = changed[0] | changed[1]
    return network, either.view(height, width, *either.shape[1:])


@pytest.mark.parametrize("text", NETS.values(), ids=NETS)
def test_no_pixel_outside_changes_the_unit_and_those_at_the_edges_do(text: str) -> None:
    network, changed = changes(text)
    index = tensor_at(network, "end")
    size = network.input.size
    full = 0
    for row in range(changed.shape[2]):
        for column in range(changed.shape[3]):
            box = seen(network, index, (row, column))
            (top, bottom), (left, right) = box
            outside = changed[:, :, row, column].clone()
            outside[max(top, 0) : bottom + 1, max(left, 0) : right + 1] = False
            assert not outside.any(), (row, column, box)
            if all(first >= 0 and last < n for (first, last), n in zip(box, size, strict=True)):
                full += 1
                rows = changed[:, :, row, column].any(1).nonzero().flatten().tolist()
                columns = changed[:, :, row, column].any(0).nonzero().flatten().tolist()
                assert (rows[0], rows[-1], columns[0], columns[-1]) == (top, bottom, left, right)
    assert full  # some fields lie inside, so the edges were looked at


@pytest.mark.parametrize("name", ["squeezenet", "vgg16", "resnet18", "googlenet"])
@pytest.mark.parametrize("part", [0.3, 0.5])
def test_sizes_are_those_of_the_summary(name: str, part: float) -> None:
    network = compile_network(name)
    index = int(part * len(network.nodes))
    place = tuple(n // 2 for n in network.nodes[index].output.size)
    sizes = tuple(last - first + 1 for first, last in seen(network, index, place))
    assert sizes == network.fields[index].size
    beside = tuple(first for first, _ in seen(network, index, (place[0], place[1] + 1)))
    here = tuple(first for first, _ in seen(network, index, place))
    assert (beside[0] - here[0], beside[1] - here[1]) == (0, network.fields[index].jump[1])


def test_the_whole_input_behind_a_global_pool_or_a_linear_layer() -> None:
    for text in ("input 3x12x10 C3-4 G @end", "input 3x12x10 C3-4 F5 @end", "input 3x12x10 F12 F5 @end"):
        network = compile_network(f"net probed {{ {text} }}")
        index = tensor_at(network, "end")
        place = (0,) * len(network.nodes[index].output.size)
        assert seen(network, index, place) == ((0, 11), (0, 9))


def test_the_first_unit_of_alexnets_first_convolution() -> None:
    """11x11 with a stride of 4 and a padding of 2 begins two pixels outside."""
    assert seen(compile_network("alexnet"), 1, (0, 1)) == ((-2, 8), (2, 12))

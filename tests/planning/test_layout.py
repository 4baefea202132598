"""Which nets run with the channels last."""

import pytest

from netdsl.compiler import compile_network
from netdsl.planning.layout import channels_last


@pytest.mark.parametrize("net", ["resnet", "densenet", "mobilenet_v2", "vgg16", "baseline", "googlenet"])
def test_nets_over_two_axes(net):
    assert channels_last(compile_network(net))


@pytest.mark.parametrize(
    "net", ["c3d", "text_cnn", "fcn_time_series", "net a { input 3x8x8 F10 }", "net a { input 20 F8 R F2 }"]
)
def test_others(net):
    assert not channels_last(compile_network(net))

"""From a network to torch: the module, its feature maps by name, its weights."""

from collections.abc import Sequence
from typing import Any

from netdsl.compiler import compile_network
from netdsl.geometry import FeatureMap
from netdsl.lowering.taps import feature_maps
from netdsl.lowering.to_torch import Compiled, network_of, to_torch
from netdsl.lowering.weights import load_weights, save_weights


def compile(path_or_text: str, /, *, input: Sequence[int] | None = None, **params: Any) -> Compiled:  # noqa: A001, A002
    """A net as a torch module: a `.net` file, a bundled net's name, or the net itself as text.

    `params` are the net's parameters, `input` (channels, *size) takes the place of its own input:

        vgg16 = netdsl.compile("vgg16")
        small = netdsl.compile("CRCRPCRCRPF10", input=(3, 32, 32))
        net = netdsl.compile("nets/densenet.net", depth=100, k=12)

    Errors: DiagnosticsError, whose text is the messages that `netdsl check` prints.
    """
    given = None if input is None else FeatureMap(input[0], tuple(input[1:]))
    return to_torch(compile_network(path_or_text, params, given))


__all__ = ["Compiled", "compile", "feature_maps", "load_weights", "network_of", "save_weights", "to_torch"]

"""What backward keeps, against what autograd really saves: the inputs, the outputs and scratch of each layer."""

from typing import Any

import pytest
import torch

from netdsl.geometry import FeatureMap

from .strategies import KINDS, TAGGED, place, placed
from .test_layers import weights

IMAGES = 2
LARGE = {"kernel_size": 3, "out_channels": 16}
GIVEN: dict[str, list[dict[str, Any]]] = {
    "conv": [LARGE],
    "conv_transpose": [LARGE],
    "local": [LARGE, {**LARGE, "stride": 2, "padding": "valid"}],
    "conv_table": [{"kernel_size": 3, "connections": ((0, 1), (2, 3), (4, 5, 6))}],
    "embedding": [{"num_embeddings": 10, "embedding_dim": 4}],
    "linear": [{"out_features": 10}],
    "group_norm": [{"num_groups": 4}],
    "max_pool": [{}, {"kernel_size": 3, "stride": 2, "padding": 1}],
    "upsample": [{"scale": 2}, {"scale": 2, "mode": "bilinear"}],
    "pad": [{"padding": 1, "mode": mode} for mode in ("zero", "reflect", "replicate")],
    "subsample": [{"out_channels": 16, "stride": 2}],
    "relu": [{}, {"maximum": 6}],
    "tanh": [{}, {"scale": 150}],
    "prelu": [{}, {"per_channel": True}],
    "gelu": [{}, {"approximate": "tanh"}],
    "drop_path": [{"p": 0.2}],
    "shuffle": [{"groups": 2}],
    "maxout": [{"pieces": 2}],
    "times": [{"factor": 0.17}],
}
CHANNELS = {"embedding": 1}
BRANCHES = {"gate": 3, "max": 4, "mean": 3}
CASES = [(name, given) for name in sorted(KINDS) for given in GIVEN.get(name, [{}])]


@pytest.mark.parametrize("size", [(64,), (12, 12), (4, 5, 6)], ids=str)
@pytest.mark.parametrize(("name", "given"), CASES, ids=str)
def test_autograd_keeps_what_the_layer_says(name: str, given: dict[str, Any], size: tuple[int, ...]) -> None:
    one = FeatureMap(CHANNELS.get(name, 8), size)
    x: Any = (one,) * BRANCHES.get(name, 2) if KINDS[name].is_join else one
    if name in TAGGED:
        larger = FeatureMap(8, tuple(2 * n for n in size))
        given, one = (
            ({"like": place(None, None, one)}, larger)
            if name == "crop"
            else (placed(name, larger, {"kernel_size": 2, "stride": 2, "padding": "valid", "out_channels": 8}), one)
        )
        x = KINDS[name].sees(given, one)
    layer = KINDS[name].build(given, one if name in TAGGED else x)
    module = layer.lower(x).train()
    maps = x if isinstance(x, tuple) else (x,)
    inputs = [torch.rand(IMAGES, *y.shape, requires_grad=True) for y in maps]
    saved: dict[int, int] = {}

    def note(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        y = module(*inputs, *(given_weights := weights(layer)))
    for tensor in (*module.parameters(), *module.buffers(), *given_weights):
        saved.pop(tensor.untyped_storage().data_ptr(), None)
    keeps_input = [saved.pop(tensor.untyped_storage().data_ptr(), None) is not None for tensor in inputs]
    keeps_output = saved.pop(y.untyped_storage().data_ptr(), None) is not None
    assert keeps_input == [layer.saves_input] * (len(inputs) if layer.is_join else 1) + [False] * (
        0 if layer.is_join else len(inputs) - 1
    )
    assert keeps_output == layer.saves_output
    scratch = sum(saved.values()) / IMAGES
    if name == "dropout":
        scratch /= 4  # on a CPU torch keeps the mask as floats, on a GPU as bools
    assert scratch == pytest.approx(layer.scratch_bytes(x), abs=0.05 * 4 * one.numel)

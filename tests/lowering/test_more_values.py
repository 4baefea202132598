"""Tables of conditional norms with rows for further values."""

import torch

from netdsl.compiler import compile_network
from netdsl.lowering import to_torch
from netdsl.lowering.more_values import with_more_values

NET = "net n {{ input 3x8x8  condition style({})  C3-4 I{{style}} R  C3-4 B }}"


def net(values: int):
    return to_torch(compile_network(NET.format(values)))


def test_new_rows_are_the_mean_of_the_others() -> None:
    tensors = {name: torch.randn_like(tensor.float()) for name, tensor in net(2).state_dict().items()}
    found = with_more_values(net(4), tensors)
    (name,) = [name for name in tensors if name.startswith("instance_norm") and name.endswith("weight")]
    assert torch.equal(found[name][:2], tensors[name])
    assert torch.equal(found[name][2:], tensors[name].mean(0).expand(2, 4))
    assert all(found[other] is tensor for other, tensor in tensors.items() if not other.startswith("instance_norm"))


def test_a_norm_without_a_condition_has_one_row() -> None:
    tensors = {"instance_norm1.weight": torch.randn(4), "instance_norm1.bias": torch.randn(4)}
    found = with_more_values(net(3), tensors)
    assert torch.equal(found["instance_norm1.bias"], tensors["instance_norm1.bias"].expand(3, 4))


def test_what_does_not_fit_stays_as_it_is() -> None:
    tensors = {"instance_norm1.weight": torch.randn(2, 5), "instance_norm1.bias": torch.randn(4, 4)}
    found = with_more_values(net(3), tensors)
    assert all(found[name] is tensor for name, tensor in tensors.items())

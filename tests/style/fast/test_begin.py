"""Where a tanh begins."""

import pytest
import torch

from netdsl.compiler import compile_network
from netdsl.lowering import to_torch
from netdsl.style.fast.begin import CONTRAST, calm_output


@pytest.mark.parametrize("norm", ["I", "I{style}"])
def test_a_tanh_behind_a_norm_begins_in_its_straight_part(norm) -> None:
    text = f"net n {{ input 3x16x16  condition style(2)  C3-4 I{{style}} R  C3-3 {norm} tanh(scale = 150) }}"
    torch.manual_seed(0)
    module = to_torch(compile_network(text))
    calm_output(module)
    assert (module.instance_norm2.weight == CONTRAST).all() and (module.instance_norm1.weight == 1).all()
    x = torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 60
    y = module(x, torch.tensor(1)).detach()
    assert 20 < float(y.std()) < 45 and float(y.abs().max()) < 135, "a tanh of 1.45"


@pytest.mark.parametrize("end", ["C3-3 tanh", "C3-3 B tanh", "C3-3 instance_norm(affine = false) tanh", "C3-3 I"])
def test_other_ends_stay_as_they_are(end) -> None:
    module = to_torch(compile_network(f"net n {{ input 3x16x16  C3-4 R  {end} }}"))
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    calm_output(module)
    assert all(torch.equal(tensor, before[name]) for name, tensor in module.state_dict().items())

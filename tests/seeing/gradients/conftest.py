"""Small nets with random weights, in double precision, so that gradients can be compared to the last digits."""

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import fx, nn

import netdsl


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def net() -> Callable[..., fx.GraphModule]:
    """A net in evaluation mode; its batch norms have means and variances of their own, as after training."""

    def made(text: str, seed: int = 0) -> fx.GraphModule:
        torch.manual_seed(seed)
        module = netdsl.compile(f"net probed {{ {text} }}").double()
        for layer in module.modules():
            if isinstance(layer, nn.modules.batchnorm._BatchNorm):
                nn.init.uniform_(layer.running_mean, -0.2, 0.2)
                nn.init.uniform_(layer.running_var, 0.5, 2)
                nn.init.uniform_(layer.weight, 0.5, 2)
        return module.eval()

    return made


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randn(3, 3, 12, 12, generator=torch.Generator().manual_seed(1), dtype=torch.float64)

"""A net fitted to one picture, from noise that stays the same."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from netdsl.diagnostics import fail
from netdsl.ir.network import Network
from netdsl.style.prior.settings import Settings

AMPLITUDE = 0.1
"""The input is uniform noise from 0 to so much (Ulyanov et al. 2017, supplementary material)."""

Forward = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Step:
    """The loss that a step found before it changed the weights, and the mean of the outputs up to here.

    output: 1 x 3 x height x width, 0 to 1; another step's tensor is another one
    """

    number: int
    loss: float
    output: Tensor


def noise_for(network: Network, settings: Settings, device: torch.device) -> Tensor:
    """The net's input, which the seed gives: the same on every device."""
    random = torch.Generator().manual_seed(settings.seed)
    return (AMPLITUDE * torch.rand(1, *network.input.shape, generator=random)).to(device)


def fit(
    run: Forward,
    weights: list[torch.nn.Parameter],
    noise: Tensor,
    loss: Callable[[Tensor], Tensor],
    settings: Settings,
) -> Iterator[Step]:
    """Each step of so many, of Adam. `run` gives the picture from 0 to 1, of which `loss` makes a number.

    Errors: DiagnosticsError with NET657 when the loss is no number any more
    """
    made = torch.optim.Adam(weights, lr=settings.rate)
    random = torch.Generator(noise.device).manual_seed(settings.seed + 1)
    mean: Tensor | None = None
    for number in range(1, settings.all_steps + 1):
        made.zero_grad()
        x = noise
        if settings.new_noise:
            jitter = torch.empty_like(noise).normal_(generator=random)
            x = noise.add(jitter, alpha=settings.new_noise)
        output = run(x)
        found = loss(output)
        found.backward()  # type: ignore[no-untyped-call]
        made.step()
        value = float(found.detach())
        if not value < float("inf"):
            _diverged(number, settings)
        output = output.detach()
        mean = output.clone() if mean is None else mean.lerp(output, 1 - settings.averaging)
        yield Step(number, value, mean)


def _diverged(number: int, settings: Settings) -> None:
    fail(
        "NET657",
        f"the loss is no number any more at step {number:,} of {settings.all_steps:,}",
        expected="a finite loss",
        found=f"none, at a learning rate of {settings.rate:g}",
        note="try a smaller --rate, or --precision fp32",
    )

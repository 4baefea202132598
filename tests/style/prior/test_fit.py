"""A net fitted to a picture: the mean of outputs by hand, seeds, and what happens when it goes wrong."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from netdsl.compiler import compile_network
from netdsl.diagnostics import DiagnosticsError
from netdsl.style.prior.fit import AMPLITUDE, fit, noise_for
from netdsl.style.prior.settings import Settings

SETTINGS = Settings("a.png", steps=20)


def small(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(4, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 3, padding=1), nn.Sigmoid())


def fitted(settings: Settings, target: torch.Tensor, outputs: list[torch.Tensor] | None = None):
    module = small()

    def run(x: torch.Tensor) -> torch.Tensor:
        made = module(x)
        if outputs is not None:
            outputs.append(made.detach().clone())
        return made

    noise = torch.rand(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    return list(fit(run, list(module.parameters()), noise, lambda y: (y - target).square().mean(), settings))


TARGET = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(2))


def test_the_loss_goes_down() -> None:
    steps = fitted(replace(SETTINGS, steps=60), TARGET)
    assert [step.number for step in steps] == list(range(1, 61))
    assert steps[-1].loss < 0.9 * steps[0].loss


def test_without_jitter_it_is_adam() -> None:
    module, random = small(), torch.Generator().manual_seed(1)
    noise = torch.rand(1, 4, 8, 8, generator=random)
    adam = torch.optim.Adam(module.parameters(), lr=0.02)
    losses = []
    for _ in range(5):
        loss = (module(noise) - TARGET).square().mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    found = [step.loss for step in fitted(replace(SETTINGS, steps=5, jitter=0.0, rate=0.02), TARGET)]
    assert found == pytest.approx(losses, rel=1e-6)


def test_the_mean_of_outputs() -> None:
    outputs: list[torch.Tensor] = []
    steps = fitted(replace(SETTINGS, averaging=0.75), TARGET, outputs)
    mean = outputs[0]
    for step, output in zip(steps[1:], outputs[1:], strict=True):
        mean = 0.75 * mean + 0.25 * output
        assert torch.allclose(step.output, mean, atol=1e-6)
    last = fitted(replace(SETTINGS, averaging=0.0), TARGET)
    assert torch.allclose(last[-1].output, outputs[-1], atol=1e-6)


def test_jitter_is_new_at_each_step_and_the_seeds() -> None:
    first, second, other = (
        [step.loss for step in fitted(replace(SETTINGS, seed=seed, jitter=0.5), TARGET)] for seed in (0, 0, 1)
    )
    assert first == second != other
    assert first != [step.loss for step in fitted(replace(SETTINGS, jitter=0.0), TARGET)]


def test_the_noise() -> None:
    network = compile_network("deep_image_prior.net")
    noise = noise_for(network, SETTINGS, torch.device("cpu"))
    assert noise.shape == (1, 32, 256, 256)
    assert 0 <= noise.min() < 0.001 and AMPLITUDE - 0.001 < noise.max() <= AMPLITUDE == 0.1
    assert noise.mean() == pytest.approx(0.05, abs=1e-3)
    assert torch.equal(noise, noise_for(network, SETTINGS, torch.device("cpu")))
    assert not torch.equal(noise, noise_for(network, replace(SETTINGS, seed=1), torch.device("cpu")))


def test_a_loss_that_is_no_number() -> None:
    with pytest.raises(DiagnosticsError) as caught:
        fitted(SETTINGS, TARGET * float("nan"))
    assert caught.value.diagnostics[0].code == "NET657"

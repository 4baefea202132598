"""Table 5.1's net at one size, in one process: as plain torch modules, and in the form that infers. See fast_net.py.

Both have the same weights, scales and shifts of the norms at random, so that nothing is the identity. Prints JSON: CPU
seconds a picture of each round, on one thread, and how far from the plain net in float64 each form's output lies, at
most and in the mean (the output goes to 150). Arguments: pixels, pictures a round, rounds.
"""

import json
import sys
import time
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from netdsl.compiler import Pipeline
from netdsl.lowering.inference_form import inference_form
from netdsl.lowering.to_torch import Compiled, to_torch
from netdsl.tasks.engine.allocator import keep_freed_memory

STYLES = 6


class Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.InstanceNorm2d(channels, affine=True),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.InstanceNorm2d(channels, affine=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Tanh150(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return 150 * torch.tanh(x)


def written_by_hand() -> nn.Sequential:
    """As one writes it in torch, layer by layer."""

    def unit(channels: int, filters: int, kernel_size: int, stride: int = 1) -> list[nn.Module]:
        conv = nn.Conv2d(channels, filters, kernel_size, stride, kernel_size // 2, bias=False)
        return [conv, nn.InstanceNorm2d(filters, affine=True), nn.ReLU()]

    def up(channels: int, filters: int) -> list[nn.Module]:
        return [nn.Upsample(scale_factor=2), *unit(channels, filters, 3)]

    last = [nn.Conv2d(16, 3, 9, padding=4, bias=False), nn.InstanceNorm2d(3, affine=True), Tanh150()]
    first = [*unit(3, 16, 9), *unit(16, 32, 3, 2), *unit(32, 64, 3, 2)]
    return nn.Sequential(*first, *(Residual(64) for _ in range(5)), *up(64, 32), *up(32, 16), *last)


def compiled(net: str) -> Compiled:
    network = Pipeline.of("nets/pastiche.net").compile(net).network
    assert network is not None
    module = to_torch(network).eval()
    for parameter in module.parameters():
        if parameter.dim() < 4:
            nn.init.uniform_(parameter, 0.5, 1.5)
    return module


def main(size: int, count: int, rounds: int) -> None:
    torch.set_num_threads(1)
    keep_freed_memory()
    torch.manual_seed(0)
    one, six = compiled("pastiche"), compiled("pastiche_six")
    plain = written_by_hand().eval()
    plain.load_state_dict(dict(zip(plain.state_dict(), one.state_dict().values(), strict=True)))
    x = nn.functional.interpolate(torch.rand(1, 3, size // 16, size // 16), size=(size, size), mode="bilinear")
    x = x * 255 - 115
    mixed = torch.full((STYLES,), 1 / STYLES)
    runs: dict[str, Callable[[], Tensor]] = {"plain": partial(plain, x)}
    for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        runs[name] = partial(inference_form(one, dtype), x)
        runs[f"{name}, six"] = partial(inference_form(six, dtype), x, mixed)
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    with torch.inference_mode():
        for run in runs.values():
            run()
        for _ in range(rounds):
            for name, run in runs.items():
                started = time.process_time()
                for _ in range(count):
                    run()
                seconds[name].append((time.process_time() - started) / count)
        outputs = {name: runs[name]() for name in ("plain", "fp32", "bf16")}
        exact = plain.double()(x.double())
    far = {name: (y - exact).abs() for name, y in outputs.items()}
    apart = {name: (float(d.max()), float(d.mean())) for name, d in far.items()}
    print(json.dumps({"seconds": seconds, "apart": apart}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))

"""Training throughput of compiled nets against the same nets written by hand in torch, step by step in one process.

Random images, one thread, full training steps (forward, loss, backward, Nesterov) of batches of 128; the two take turns
of a few steps each, so that a busy minute of the machine meets both alike. With `--child` it measures; without it, it
runs itself so, since measure.py keeps torch out of its own process.
"""

import json
import sys
import time
from statistics import median
from typing import TYPE_CHECKING

from measure import Figure, run, script, show

if TYPE_CHECKING:
    from torch import nn

BATCH = 128
STEPS = {"baseline": 4, "resnet": 2}  # in a turn
ROUNDS = 9


def figures() -> list[Figure]:
    found = json.loads(run(script("train_throughput.py", "--child")).output)
    return [
        Figure(
            f"training {name}, images a CPU second against a hand-written module",
            "at least equal",
            f"{share:.3f} times: {ours:,.0f} against {theirs:,.0f}",
            share >= 1,
        )
        for name, (share, ours, theirs) in found.items()
    ]


def measure(net: str) -> tuple[float, float, float]:
    """Median ratio of the turns, and the median images a CPU second of both."""
    import torch

    import netdsl

    torch.manual_seed(0)
    compiled, written = netdsl.compile(net), BY_HAND[net]()
    params = [sum(p.numel() for p in module.parameters()) for module in (compiled, written)]
    assert params[0] == params[1], params
    images, labels = torch.randn(BATCH, *SHAPES[net]), torch.randint(0, 10, (BATCH,))
    optimizers = [
        torch.optim.SGD(module.parameters(), lr=1e-3, momentum=0.9, nesterov=True) for module in (compiled, written)
    ]
    speeds: list[tuple[float, ...]] = []
    for _ in range(ROUNDS + 1):
        turn = []
        for module, optimizer in zip((compiled, written), optimizers, strict=True):
            start = time.process_time()
            for _ in range(STEPS[net]):
                optimizer.zero_grad(set_to_none=True)
                torch.autograd.backward(torch.nn.functional.cross_entropy(module(images), labels))
                optimizer.step()
            turn.append(STEPS[net] * BATCH / (time.process_time() - start))
        speeds.append(tuple(turn))
    del speeds[0]  # both fill their caches in it
    return median(a / b for a, b in speeds), median(a for a, _ in speeds), median(b for _, b in speeds)


def baseline() -> "nn.Module":
    """The thesis's table 4.1."""
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(3136, 200),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(200, 10),
    )


def resnet20() -> "nn.Module":
    """The thesis's section 4.5.3: pre-activation units, projections on the pre-activated input."""
    import torch
    from torch import nn

    class Unit(nn.Module):
        def __init__(self, channels: int, filters: int, stride: int) -> None:
            super().__init__()
            self.norm1, self.norm2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(filters)
            self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
            self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
            self.projection = nn.Conv2d(channels, filters, 1, stride, bias=False) if channels != filters else None

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            active = torch.relu(self.norm1(x))
            y: torch.Tensor = self.conv2(torch.relu(self.norm2(self.conv1(active))))
            shortcut: torch.Tensor = x if self.projection is None else self.projection(active)
            return shortcut + y

    units = [
        Unit(16 if i == 0 and stage == 0 else f // 2 if i == 0 else f, f, 2 if i == 0 and stage > 0 else 1)
        for stage, f in enumerate((16, 32, 64))
        for i in range(3)
    ]
    end = [nn.BatchNorm2d(64), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]
    return nn.Sequential(nn.Conv2d(3, 16, 3, padding=1, bias=False), *units, *end)


BY_HAND = {"baseline": baseline, "resnet": resnet20}
SHAPES = {"baseline": (1, 28, 28), "resnet": (3, 32, 32)}


def child() -> None:
    import torch

    torch.set_num_threads(1)
    print(json.dumps({"ResNet-20" if net == "resnet" else net: measure(net) for net in BY_HAND}))


if __name__ == "__main__":
    child() if "--child" in sys.argv[1:] else show(figures)

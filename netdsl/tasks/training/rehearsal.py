"""Tries before a training: one batch end to end, and one batch by heart. They write nothing."""

import time
from dataclasses import dataclass, replace
from math import isfinite
from statistics import median
from typing import Any

import torch
from torch import nn

from netdsl.data import Batch, shuffled
from netdsl.data.dataset import middle
from netdsl.diagnostics import fail
from netdsl.modules.shortcut import DropPath
from netdsl.planning.form import plain
from netdsl.planning.peak import peak_bytes
from netdsl.recipes.method import Method
from netdsl.recipes.schedules import Constant
from netdsl.tasks.engine.allocator import keep_freed_memory
from netdsl.tasks.engine.guards import determinism, diverged, memory
from netdsl.tasks.engine.memory_budget import at_once, form_within, numbers_per_weight
from netdsl.tasks.learning.measure import measure
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Silent, Watch
from netdsl.tasks.training.prepare import Prepared, prepare
from netdsl.tasks.training.purpose import LABELS, Purpose
from netdsl.tasks.training.training import Training

TIMED = 4  # steps of a dry run; the first is slower, since memory is found and kernels are chosen in it
BY_HEART = 0.01
"""Share of its first loss that a batch known by heart has left."""
MOST_STEPS = 500


@dataclass(frozen=True, slots=True)
class DryRun:
    """One batch, end to end. Times in seconds."""

    net: str
    input: tuple[int, ...]
    """Of a batch: images, channels, height, width."""
    output: tuple[int, ...]
    loss_before: float
    loss_after: float
    """Of the same batch after a few steps."""
    step: float
    """Forward, backward and a step of the optimizer, on one batch."""
    test: float
    """All test images, from the time for a batch of them."""
    batches: int
    epochs: int
    peak: int
    """Bytes that a step holds at most at once, by the static estimate."""
    peak_plain: int
    """The same without a memory budget."""

    @property
    def epoch(self) -> float:
        return self.batches * self.step + self.test

    @property
    def whole(self) -> float:
        return self.epochs * self.epoch


@dataclass(frozen=True, slots=True)
class ByHeart:
    """A batch that was learned by heart."""

    net: str
    images: int
    steps: int
    first_loss: float
    last_loss: float
    error: float


def dry_run(config: TrainConfig, watch: Watch | None = None, purpose: Purpose = LABELS) -> DryRun:
    """Forward, backward, step and a test batch, with what the whole run would take."""
    prepared = prepare(config, watch or Silent(), purpose)
    network, method, data = prepared.network, prepared.method, prepared.data
    with determinism(method.deterministic), memory():
        training = training_of(prepared, method)
        batch = first_batch(training)
        losses, seconds = [], []
        training.train_mode()
        for _ in range(TIMED):
            start = time.perf_counter()
            losses.append(one_step(training, batch))
            seconds.append(time.perf_counter() - start)
        images = training.test.images[: training.objective.at_once]
        test = median(_timed_test(training, len(images)) for _ in range(2))
        x = training.engine.images(training.normalization(images[:1]))
        with torch.inference_mode():
            output = _shape(training, training.module(x, *training.objective.conditions(batch[:1])))
    images_at_once, kept = at_once(method, len(batch), 1), numbers_per_weight(method)
    budget = prepared.engine.memory_budget
    beside = training.objective.memory(images_at_once, training.size)
    form = plain(network) if budget is None else form_within(network, images_at_once, budget, kept)
    return DryRun(
        net=network.name,
        input=tuple(batch.images.shape),
        output=(len(batch), *output[1:]),
        loss_before=losses[0],
        loss_after=losses[-1],
        step=median(seconds[1:]),
        test=test * len(data.test_images) / len(images),
        batches=training.in_epoch,
        epochs=method.epochs,
        peak=peak_bytes(form, images_at_once, kept) + beside,
        peak_plain=peak_bytes(plain(network), images_at_once, kept) + beside,
    )


def overfit_batch(config: TrainConfig, watch: Watch | None = None) -> ByHeart:
    """Train on one batch alone until it is known by heart, without what would keep the net from it.

    No augmentation, dropout, weight decay, label smoothing or mean weights; the first learning rate all along.
    Errors: NET594 when the loss does not come near 0, NET540 when it runs away
    """
    watch = watch or Silent()
    prepared = prepare(config, watch)
    free = {"weight_decay": 0.0, "label_smoothing": 0.0, "ema": None, "augment": (), "warmup": 0.0}
    method = replace(prepared.method, schedule=Constant(), **free)  # type: ignore[arg-type]
    for layer in prepared.module.modules():
        if isinstance(layer, nn.modules.dropout._DropoutNd | DropPath):
            layer.p = 0.0
    with determinism(method.deterministic), memory():
        training = training_of(prepared, method)
        batch = first_batch(training)
        training.train_mode()
        losses: list[float] = []
        error = 1.0
        while len(losses) < MOST_STEPS and (not losses or losses[-1] > BY_HEART * losses[0] or error):
            training.totals.zero_()
            losses.append(one_step(training, batch))
            error = training.totals[1].item() / len(batch)
            if not isfinite(losses[-1]):
                diverged(1, len(losses), MOST_STEPS, training.stepper.lr)
            watch.progress(f"one batch by heart, loss {losses[-1]:.4f}", len(losses), MOST_STEPS)
    if losses[-1] > BY_HEART * losses[0] or error:
        fail(
            "NET594",
            f"`{prepared.network.name}` does not learn {len(batch)} images by heart",
            expected=f"a loss of {BY_HEART * losses[0]:.4f} or less in {MOST_STEPS} steps, no image wrong",
            found=f"{losses[0]:.4f} at first, {losses[-1]:.4f} at last, {error:.1%} of the images wrong",
            note=f"find a better learning rate than {method.optimizer.lr:g} with --find-lr; a net that learns nothing "
            "may have too few weights, no norms in many layers, or labels that do not belong to the images",
        )
    return ByHeart(prepared.network.name, len(batch), len(losses), losses[0], losses[-1], error)


def training_of(prepared: Prepared, method: Method) -> Training:
    weights = None if prepared.inherited is None else prepared.inherited.weights
    if prepared.engine.device.type == "cpu":
        keep_freed_memory()
    given = prepared.module, prepared.data, prepared.normalization, method, None, prepared.engine, weights
    return Training(*given, purpose=prepared.purpose)


def first_batch(training: Training) -> Batch:
    """Of images in the net's size, whatever an augmentation would cut out of larger ones."""
    batch = next(shuffled(training.train, training.method.batch, training.order))
    return batch if training.method.augment else replace(batch, images=middle(batch.images, training.size))


def one_step(training: Training, batch: Batch) -> float:
    """The loss before the step; asking for it waits until the step is done."""
    before = training.totals[0].item()
    training.one_batch(batch)
    return (training.totals[0].item() - before) / len(batch)


def _timed_test(training: Training, count: int) -> float:
    test, start = training.test, time.perf_counter()
    boxes = None if test.boxes is None else test.boxes[:count]
    images, labels = test.images[:count], test.labels[:count]
    measure(training.module, images, labels, training.normalization, training.engine, training.objective, boxes)
    return time.perf_counter() - start


def _shape(training: Training, output: Any) -> tuple[int, ...]:
    """Of the output that is measured, of one image."""
    named = training.objective.named(output)
    return tuple(named.get(training.objective.classifies or "", next(iter(named.values()))).shape)

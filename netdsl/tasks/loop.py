"""The training loop: a module, a data set, a method; one Epoch after another comes out."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from typing import Any, NoReturn, Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from netdsl.data import Dataset, Normalization, batch_count, batches
from netdsl.diagnostics import fail
from netdsl.lowering import network_of
from netdsl.modules.headed import HeadedModule
from netdsl.recipes.method import Method
from netdsl.tasks.augment import Augmenter
from netdsl.tasks.initialize import initialize
from netdsl.tasks.stepper import Stepper

EVAL_BATCH = 250  # images; what fits the caches of a small machine
REPORT_SECONDS = 0.2  # how often a running loss is asked for, which on an accelerator means waiting for it


@dataclass(frozen=True, slots=True)
class Epoch:
    """One line of metrics.csv. Errors are fractions of the images."""

    epoch: int
    train_loss: float
    """Mean over the epoch, each image when its batch came: dropout on, weights still moving."""
    train_error: float
    test_loss: float
    test_error: float
    lr: float
    """In the epoch's last batch."""
    seconds: float
    """Training and testing, by the clock."""


@dataclass(frozen=True, slots=True)
class Score:
    """How a net does on some images, dropout off."""

    images: int
    wrong: int
    loss: float

    @property
    def error(self) -> float:
        return self.wrong / self.images


class StepWatch(Protocol):
    """Is told how an epoch goes."""

    def step(self, epoch: int, images: int, loss: float, error: float) -> None:
        """So many images of the epoch are done; mean loss and error over them."""


def epochs(
    module: nn.Module, data: Dataset, normalization: Normalization, method: Method, watch: StepWatch | None = None
) -> Iterator[Epoch]:
    """Initialize and train; after each epoch the test images are tried, and the epoch's figures are given.

    The same seed gives the same weights, to the bit, on the same machine with the same number of threads.
    """
    check_trainable(module, len(data.train_images), method)
    torch.manual_seed(method.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    initialize(module, method.init)
    module.to(device)
    train, test = ((x.to(device), y.to(device)) for x, y in _splits(data))
    stepper = Stepper(module, method, batch_count(len(train[0]), method.batch))
    order = torch.Generator().manual_seed(method.seed)
    augment = Augmenter(method.augment, normalization.zero, method.seed)
    with _determinism(method.deterministic), _memory():
        for epoch in range(1, method.epochs + 1):
            start = time.perf_counter()
            with stepper.own_weights():
                loss, error = _one_epoch(module, train, augment, normalization, method, stepper, order, epoch, watch)
            stepper.losses.append(loss)
            score = measure(module, *test, normalization)
            yield Epoch(epoch, loss, error, score.loss, score.error, stepper.lr, time.perf_counter() - start)


def measure(module: nn.Module, images: Tensor, labels: Tensor, normalization: Normalization) -> Score:
    """Mean cross-entropy and wrong answers over all images."""
    module.eval()
    loss = torch.zeros((), dtype=torch.float64, device=images.device)
    wrong = torch.zeros((), dtype=torch.int64, device=images.device)
    with torch.inference_mode():
        for x, y in batches(images, labels, EVAL_BATCH):
            scores = _scores(module(normalization(x)))
            loss += cross_entropy(scores, y, reduction="sum")
            wrong += (scores.argmax(1) != y).sum()
    return Score(len(images), int(wrong.item()), loss.item() / len(images))


def _scores(output: Any) -> Tensor:
    """The scores that are measured: the output, or that of the first of the heads that a net ends in."""
    scores: Tensor = next(iter(output.values())) if isinstance(output, dict) else output
    return scores


def _one_epoch(
    module: nn.Module,
    train: tuple[Tensor, Tensor],
    augment: Augmenter,
    normalization: Normalization,
    method: Method,
    stepper: Stepper,
    order: torch.Generator,
    epoch: int,
    watch: StepWatch | None,
) -> tuple[float, float]:
    """Mean loss and error of the epoch."""
    module.train()
    in_epoch = batch_count(len(train[0]), method.batch)
    done, told = 0, time.perf_counter()
    totals = torch.zeros(2, dtype=torch.float64, device=train[0].device)  # loss, wrong answers
    for number, (x, y) in enumerate(batches(*train, method.batch, order)):
        scores, loss = _forward(module, normalization(augment(x)), y, method.label_smoothing)
        stepper.step(loss)
        done += len(y)
        totals += torch.stack([loss.detach() * len(y), (scores.detach().argmax(1) != y).sum()])
        if number + 1 == in_epoch or time.perf_counter() - told >= REPORT_SECONDS:
            mean_loss, error = (totals / done).tolist()
            if not isfinite(mean_loss):
                _diverged(epoch, number + 1, in_epoch, stepper.lr)
            if watch is not None:
                watch.step(epoch, done, mean_loss, error)
            told = time.perf_counter()
    return mean_loss, error


def _forward(module: nn.Module, x: Tensor, y: Tensor, smoothing: float) -> tuple[Tensor, Tensor]:
    """The main output's scores, and the loss: the main output's and each head's by its weight."""
    output = module(x)
    if not isinstance(module, HeadedModule):
        return output, cross_entropy(output, y, label_smoothing=smoothing)
    network = network_of(module)
    main, heads = (None, output) if network.final_heads else output
    losses = [h.weight * cross_entropy(heads[name], y, label_smoothing=smoothing) for name, h in network.heads.items()]
    if main is None:
        return heads[network.final_heads[0]], torch.stack(losses).sum()
    return main, cross_entropy(main, y, label_smoothing=smoothing) + sum(losses)


def _splits(data: Dataset) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    return (data.train_images, data.train_labels), (data.test_images, data.test_labels)


def check_trainable(module: nn.Module, images: int, method: Method) -> None:
    """Reports NET543 for a net without weights, NET541 for batch norm over a single image."""
    if not any(parameter.requires_grad for parameter in module.parameters()):
        fail("NET543", "the net has no weights to train", note="add a layer that has some, such as `F10` at the end")
    normed = any(isinstance(layer, nn.modules.batchnorm._BatchNorm) for layer in module.modules())
    if normed and min(method.batch, images) == 1:
        fail(
            "NET541",
            "batch norm has nothing to average over in a batch of one image",
            expected="2 images or more in a batch",
            found=f"--batch {method.batch}, {images:,} training images",
        )


def _diverged(epoch: int, batch: int, in_epoch: int, lr: float) -> NoReturn:
    fail(
        "NET540",
        f"the loss is not a number any more in epoch {epoch}, at or before batch {batch} of {in_epoch}",
        expected="a finite loss",
        found=f"none, with a learning rate of {lr:g}",
        note=f"try a lower learning rate, such as --lr {lr / 10:g}, or batch norm (`B`) after the convolutions",
    )


@contextmanager
def _determinism(wanted: bool) -> Iterator[None]:
    before = torch.are_deterministic_algorithms_enabled()
    if wanted:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what cuBLAS asks for; read at its first use
        torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


@contextmanager
def _memory() -> Iterator[None]:
    """Says in our words that the memory is full; torch says it as a RuntimeError with differing texts."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        text = str(error).lower()
        if not isinstance(error, MemoryError) and "out of memory" not in text and "allocate memory" not in text:
            raise
        fail(
            "NET542",
            "there is not enough memory for training",
            found=str(error).splitlines()[0] if str(error) else "no memory left",
            note="take a smaller batch, with --batch",
        )

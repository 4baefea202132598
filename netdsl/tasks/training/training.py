"""A training as it goes: a module, a data set, a method; one Epoch after another comes out."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isfinite
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from netdsl.data import Batch, Dataset, Normalization, batch_count, shuffled, some_images
from netdsl.data.dataset import middle
from netdsl.modules.synced_norm import synchronize_norms
from netdsl.recipes.method import Method
from netdsl.tasks.engine.engine import Engine
from netdsl.tasks.engine.guards import check_trainable, determinism, diverged, memory
from netdsl.tasks.engine.memory_budget import at_once, numbers_per_weight
from netdsl.tasks.engine.world import ALONE, World
from netdsl.tasks.learning.augment import Augmenter
from netdsl.tasks.learning.initialize import initialize
from netdsl.tasks.learning.measure import measure
from netdsl.tasks.learning.parts import Frozen
from netdsl.tasks.learning.recompute_norms import recompute_norms
from netdsl.tasks.learning.stepper import Stepper
from netdsl.tasks.runs.metrics import Epoch, Score, best_of
from netdsl.tasks.training.purpose import LABELS, Purpose

REPORT_SECONDS = 0.2  # how often a running loss is asked for, which on an accelerator means waiting for it


class StepWatch(Protocol):
    """Is told how an epoch goes."""

    def step(self, epoch: int, images: int, loss: float, error: float | None) -> None:
        """So many images of the epoch are done; mean loss and error over them."""


class Training:
    """All that changes from batch to batch; `tasks.state` takes it to a file and back.

    The same seed gives the same weights, to the bit, on the same machine with the same number of threads.
    """

    def __init__(
        self,
        module: nn.Module,
        data: Dataset,
        normalization: Normalization,
        method: Method,
        watch: StepWatch | None = None,
        engine: Engine | None = None,
        weights: Mapping[str, Tensor] | None = None,
        world: World = ALONE,
        purpose: Purpose = LABELS,
    ) -> None:
        """`weights` take the place of the first ones that the method's initialization gives."""
        self.frozen = Frozen(module, method.freeze)
        purpose.begin(module)
        check_trainable(module, len(data.train_images), method, world.size)
        self.method, self.normalization, self.watch = method, normalization, watch
        self.engine, self.world = engine or Engine(), world
        torch.manual_seed(method.seed)
        self.size = data.image.size
        initialize(module, method.init, lambda: self._looked_at(data.train_images, method.batch))
        if weights is not None:
            module.load_state_dict(weights, strict=False)
        self.module = self.engine.place(module)
        if world.together and method.sync_norms:
            synchronize_norms(self.module)
        images = at_once(method, len(data.train_images), world.size)
        around = self._together if world.together else None
        self.forward = self.engine.trained(self.module, around, images, numbers_per_weight(method))
        """The module as it is computed while training."""
        if world.rank:
            torch.manual_seed(method.seed + world.rank)  # each process drops out other units
        device = self.engine.device
        self.train = self._placed(data.train_images, data.train_labels, data.train_boxes)
        self.test = self._placed(data.test_images, data.test_labels, data.test_boxes)
        self.valid: Batch | None = None
        if data.valid_images is not None and data.valid_labels is not None:
            self.valid = self._placed(data.valid_images, data.valid_labels, data.valid_boxes)
        self.in_epoch = batch_count(self.images, method.batch, max(2, world.size))
        """Batches in an epoch."""
        self.objective = purpose.objective(self.module, method, self.engine)
        self.stepper = Stepper(self.module, method, self.in_epoch)
        self.augment = Augmenter.of(method, data, normalization)
        self.order = torch.Generator().manual_seed(method.seed)
        """Shuffles the images."""
        self.order_before = self.order.get_state()
        """Its state before it shuffled for the epoch under way."""
        self.history: list[Epoch] = []
        self.batch = 0
        """Batches done of the epoch that is under way."""
        self.totals = torch.zeros(2, dtype=torch.float64, device=device)
        """Loss and wrong answers over the epoch's images so far."""
        self.ended = False
        """Have the norms been recomputed, after which nothing follows?"""
        self.spent = 0.0
        """Seconds of the epoch under way that an earlier process spent."""

    @property
    def epoch(self) -> int:
        """The one that is under way, from 1."""
        return len(self.history) + 1

    @property
    def images_done(self) -> int:
        """Of all epochs together."""
        return len(self.history) * self.images + self._images_of_epoch()

    @property
    def images(self) -> int:
        """In an epoch."""
        return len(self.train) * self.method.passes

    @property
    def sound(self) -> bool:
        """Are the loss and every weight a number?"""
        weights = (weight.isfinite().all() for weight in self.module.parameters())
        return bool(self.totals.isfinite().all()) and all(map(bool, weights))

    @property
    def complete(self) -> bool:
        """Are all epochs done, or has the last so many made nothing better?"""
        return self.ended or self._over(self.history)

    def train_mode(self) -> None:
        """The module's, but for what is frozen."""
        self.module.train()
        self.frozen.hold()

    def _over(self, history: Sequence[Epoch]) -> bool:
        if not history or self.method.early_stop is None:
            return len(history) >= self.method.epochs
        waited = history[-1].epoch - best_of(history).epoch
        return len(history) >= self.method.epochs or waited >= self.method.early_stop

    def epochs(self, after_batch: Callable[[], None] = lambda: None) -> Iterator[Epoch]:
        """Train; after each epoch the test images are tried, and the epoch's figures are given.

        `after_batch` is called between two batches, with the weights that are trained in their place.
        """
        with determinism(self.method.deterministic), memory():
            while not self.complete:
                start = time.perf_counter() - self.spent
                with self.stepper.own_weights():
                    loss, error = self._one_epoch(start, after_batch)
                self.stepper.losses.append(loss)
                done = self._measured(loss, error, start)
                if self.method.recompute_norms and self._over([*self.history, done]):
                    self.ended = True  # also if the new statistics make this epoch the best
                    images = middle(self.train.images, self.size)
                    recompute_norms(self.module, images, self.normalization, self.engine, self.frozen.norms)
                    done = self._measured(loss, error, start)
                self.history.append(done)
                self.batch, self.spent, self.order_before = 0, 0.0, self.order.get_state()
                self.totals.zero_()
                yield done

    def _measured(self, loss: float, error: float | None, start: float) -> Epoch:
        """The epoch under way, whose training gave this loss and error, with what its weights do now."""
        for statistics in self.module.buffers():
            self.world.copy(statistics)  # the first process's are kept, so they are measured
        test = self._score(self.test)
        if not isfinite(test.loss):
            diverged(self.epoch, self.batch, self.in_epoch, self.stepper.lr)
        valid = None if self.valid is None else self._score(self.valid)
        return Epoch(
            epoch=self.epoch,
            train_loss=loss,
            train_error=error,
            test_loss=test.loss,
            test_error=test.error,
            lr=self.stepper.lr,
            seconds=time.perf_counter() - start,
            valid_loss=None if valid is None else valid.loss,
            valid_error=None if valid is None else valid.error,
        )

    def _score(self, split: Batch) -> Score:
        images, labels, boxes = split.images, split.labels, split.boxes
        return measure(self.module, images, labels, self.normalization, self.engine, self.objective, boxes, self.world)

    def _looked_at(self, images: Tensor, count: int) -> Tensor:
        """Some training images as the net sees them, without augmentation."""
        return self.normalization(middle(some_images(images, count, self.method.seed), self.size))

    def _placed(self, images: Tensor, labels: Tensor, boxes: Tensor | None) -> Batch:
        """A split where the net is."""
        device = self.engine.device
        return Batch(images.to(device), labels.to(device), None if boxes is None else boxes.to(device))

    def _one_epoch(self, start: float, after_batch: Callable[[], None]) -> tuple[float, float | None]:
        """Mean loss and error of the epoch."""
        self.train_mode()
        self.order_before, told = self.order.get_state(), time.perf_counter()
        loss, error = 0.0, None
        for batch in shuffled(self.train, self.method.batch, self.order, self.batch, self.in_epoch, self.method.passes):
            self.one_batch(batch)
            self.batch += 1
            if self.batch == self.in_epoch or time.perf_counter() - told >= REPORT_SECONDS:
                loss, error = self._report()
                told = time.perf_counter()
            if self.batch < self.in_epoch:
                self.spent = time.perf_counter() - start
                after_batch()
        return loss, error

    def one_batch(self, batch: Batch) -> None:
        """Forward, backward and a step; loss and wrong answers go to `totals`.

        Every process augments the whole batch, so that its images do not depend on how many processes there are.
        """
        batch = self.augment.batch(batch)
        parts = min(self.method.accumulate, len(batch) // self.world.size // 2)  # as many in every process
        for part in batch[self.world.share(len(batch))].parts(parts):
            x = self.engine.images(self.normalization(part.images))
            output = self.forward(x, *self.objective.conditions(part))
            loss = self.objective(output, x, part)
            self.stepper.add(loss * (len(part) / len(batch) * self.world.size))  # the mean of the processes is taken
            self.totals += torch.stack([loss.detach() * len(part), self.objective.wrong(output, part.labels)])
        self.stepper.update()

    def _report(self) -> tuple[float, float | None]:
        """Mean loss and error over the epoch's images so far: of this process, at the end of all.

        No error where no output gives classes.
        """
        images = self._images_of_epoch()
        own = images / self.world.size  # as good as right
        if self.batch == self.in_epoch:
            own = images
            self.world.sum(self.totals)
        loss, error = (self.totals / own).tolist()
        if not isfinite(loss):
            diverged(self.epoch, self.batch, self.in_epoch, self.stepper.lr)
        error = None if self.objective.classifies is None else error
        if self.watch is not None:
            self.watch.step(self.epoch, images, loss, error)
        return loss, error

    def _images_of_epoch(self) -> int:
        """Done in the epoch under way."""
        return min(self.batch * self.method.batch, self.images)

    def _together(self, module: nn.Module) -> nn.Module:
        """torch's engine around a module: gradients are the mean of all processes'."""
        cuda = self.engine.device.type == "cuda"
        return DistributedDataParallel(module, device_ids=[torch.cuda.current_device()] if cuda else None)

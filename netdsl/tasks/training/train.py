"""`netdsl train`: a net and a data set in, a run folder out."""

import time
from dataclasses import dataclass
from pathlib import Path

from netdsl import data as datasets
from netdsl.diagnostics import Diagnostic
from netdsl.ir.network import Network
from netdsl.tasks.engine.allocator import keep_freed_memory
from netdsl.tasks.engine.engine import device_of
from netdsl.tasks.engine.world import World, world_of
from netdsl.tasks.learning.normalize import keep_normalization
from netdsl.tasks.runs import net_source
from netdsl.tasks.runs.metrics import Epoch, best_of
from netdsl.tasks.runs.run_folder import RunFolder, check_free
from netdsl.tasks.runs.tensorboard import logging_to
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Plan, Silent, Watch
from netdsl.tasks.training.keeper import SAVE_SECONDS, Keeper
from netdsl.tasks.training.prepare import Prepared, prepare, used
from netdsl.tasks.training.purpose import LABELS, Purpose
from netdsl.tasks.training.resume import check_incomplete, take_up
from netdsl.tasks.training.stop import requests
from netdsl.tasks.training.training import Training

LAST_SOFTMAX = "NET354"


@dataclass(frozen=True, slots=True)
class TrainResult:
    run: Path
    epochs: tuple[Epoch, ...]
    seconds: float
    """Of this process; a run that was resumed has spent more."""

    @property
    def best(self) -> Epoch:
        return best_of(self.epochs)


def train(config: TrainConfig, watch: Watch | None = None, purpose: Purpose = LABELS) -> TrainResult:
    """Train and write the run folder, epoch by epoch: whatever stops it, it can be resumed.

    What is wrong with the net, the recipe or the options is reported before any data is read.
    """
    watch = watch or Silent()
    start = time.perf_counter()
    with world_of(device_of(config.device).type) as world:
        if not world.first:
            path, epochs = _beside(config, world, purpose)
        elif config.resume is None:
            path, epochs = _begin(config, watch, world, purpose)
        else:
            path, epochs = _go_on(config, config.resume, watch, world, purpose)
    return TrainResult(path, epochs, time.perf_counter() - start)


def _begin(config: TrainConfig, watch: Watch, world: World, purpose: Purpose) -> tuple[Path, tuple[Epoch, ...]]:
    check_free(config.out)
    prepared = prepare(config, watch, purpose)
    network = prepared.network
    stem = f"{network.name}-{datasets.stem(str(prepared.config.data))}"
    with RunFolder.create(config.out, stem) as folder:
        kept = {"name": network.name, **net_source.keep(prepared.source, folder)}
        keep_normalization(prepared.normalization, folder)
        purpose.begun(folder)
        folder.write_config(used(prepared, kept))
        return folder.path, run(world.told(folder.path), folder, prepared, config, watch, world)


def _go_on(
    config: TrainConfig, path: Path, watch: Watch, world: World, purpose: Purpose
) -> tuple[Path, tuple[Epoch, ...]]:
    check_incomplete(path)
    with RunFolder(path) as folder:
        return path, run(world.told(path), folder, prepare(_as_before(config), watch, purpose), config, watch, world)


def _beside(config: TrainConfig, world: World, purpose: Purpose) -> tuple[Path, tuple[Epoch, ...]]:
    """What the other processes do, once the first has a folder: the same, in silence."""
    silent = Silent()
    path = world.told(Path())
    prepared = prepare(config if config.resume is None else _as_before(config), silent, purpose)
    return path, run(path, None, prepared, config, silent, world)


def _as_before(config: TrainConfig) -> TrainConfig:
    """The configuration that goes on with a run."""
    return TrainConfig(config=config.resume, data_dir=config.data_dir, resume=config.resume, device=config.device)


def run(
    path: Path, folder: RunFolder | None, prepared: Prepared, config: TrainConfig, watch: Watch, world: World
) -> tuple[Epoch, ...]:
    """From the beginning, or from where the run's state stands, to the last epoch; gives all epochs of the run.

    `folder` is the first process's, which writes there.
    """
    network, data = prepared.network, prepared.data
    file, recipe = network.span.source.name, None if prepared.recipe is None else prepared.recipe.name
    method, purpose = prepared.method, prepared.purpose
    weights = None if prepared.inherited is None else prepared.inherited.weights
    engine, normalization = prepared.engine, prepared.normalization
    training = Training(prepared.module, data, normalization, method, watch, engine, weights, world, purpose)
    name = str(prepared.config.data)
    if config.resume is not None:
        take_up(path, training, watch.say)
    told, done = warnings(network), training.images_done
    watch.start(Plan(path, network.name, file, name, recipe, method, training.images, told, done, prepared.inherited))
    if engine.device.type == "cpu" and engine.memory_budget is None:
        keep_freed_memory()
    try:
        logged = logging_to(folder, training.history, prepared.config.tensorboard)
        with requests(watch.stopping, patient=world.together) as request, logged as log:
            keeper = Keeper(folder, training, request, config.save_every or SAVE_SECONDS, purpose)
            if training.history:
                keeper.write_again()
            for epoch in training.epochs(keeper.after_batch):
                keeper.after_epoch(epoch)
                log(epoch)
                watch.epoch(epoch)
                keeper.stop_if_asked()
            keeper.finish()
    finally:
        if folder is not None:
            folder.draw_curves(training.history, f"{network.name} on {name}")
    return tuple(training.history)


def warnings(network: Network) -> tuple[Diagnostic, ...]:
    """Not the one on a softmax before the loss, which training passes by; and no notes."""
    return tuple(w for w in network.warnings if w.severity == "warning" and w.code != LAST_SOFTMAX)

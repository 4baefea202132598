"""`netdsl train`: a net and a data set in, a run folder out."""

import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import torch
from torch import nn
from torch.distributed import get_world_size, is_initialized

from netdsl import data as datasets
from netdsl.atomic import clear_parts
from netdsl.data import Dataset, Normalization
from netdsl.diagnostics import Diagnostic, DiagnosticsError, fail
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network, Recipe
from netdsl.passes.typed_recipe import typed_recipe
from netdsl.recipes.method import Method
from netdsl.recipes.parts import read_freeze
from netdsl.recipes.read import method_from
from netdsl.tasks import net_source
from netdsl.tasks.again import taken_back
from netdsl.tasks.allocator import keep_freed_memory
from netdsl.tasks.choice import Choice, with_cut
from netdsl.tasks.config import TrainConfig
from netdsl.tasks.engine import Engine, device_of
from netdsl.tasks.fit import check_augment, check_boxes_stay, check_fit, with_classes
from netdsl.tasks.guards import check_early_stop, check_trainable
from netdsl.tasks.inherit import Inherited, as_settings, inherit
from netdsl.tasks.keeper import SAVE_SECONDS, Keeper
from netdsl.tasks.memory_budget import at_once, form_within, numbers_per_weight
from netdsl.tasks.metrics import Epoch
from netdsl.tasks.net_source import NetSource
from netdsl.tasks.normalize import keep_normalization, normalization_for
from netdsl.tasks.parts import check_parts
from netdsl.tasks.replace_head import replace_head
from netdsl.tasks.resume import check_incomplete, check_same_data, take_up
from netdsl.tasks.run_folder import RunFolder, check_free
from netdsl.tasks.state_file import has_state
from netdsl.tasks.stop import requests
from netdsl.tasks.tensorboard import check_tensorboard, logging_to
from netdsl.tasks.training import Training
from netdsl.tasks.watch import Plan, Silent, Watch
from netdsl.tasks.world import World, world_of

LAST_SOFTMAX = "NET354"
TYPED_SETTING = "--set"  # how the compiler names the text of a setting, whoever gave it


@dataclass(frozen=True, slots=True)
class TrainResult:
    run: Path
    epochs: tuple[Epoch, ...]
    seconds: float
    """Of this process; a run that was resumed has spent more."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a run is made of, before anything of it is written."""

    config: TrainConfig
    source: NetSource
    network: Network
    recipe: Recipe | None
    method: Method
    data: Dataset
    normalization: Normalization
    module: nn.Module
    engine: Engine
    inherited: Inherited | None = None
    """The weights to begin with, but in a run that goes on from its state."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a run is to be, before any data is read. `new`: the layers that a replaced head brought."""

    config: TrainConfig
    source: NetSource
    network: Network
    recipe: Recipe | None
    method: Method
    choice: Choice
    engine: Engine
    new: frozenset[str]


def train(config: TrainConfig, watch: Watch | None = None) -> TrainResult:
    """Train and write the run folder, epoch by epoch: whatever stops it, it can be resumed.

    What is wrong with the net, the recipe or the options is reported before any data is read.
    """
    watch = watch or Silent()
    start = time.perf_counter()
    with world_of(device_of(config.device).type) as world:
        if not world.first:
            path, epochs = _beside(config, world)
        elif config.resume is None:
            path, epochs = _begin(config, watch, world)
        else:
            path, epochs = _go_on(config, config.resume, watch, world)
    return TrainResult(path, epochs, time.perf_counter() - start)


def _begin(config: TrainConfig, watch: Watch, world: World) -> tuple[Path, tuple[Epoch, ...]]:
    check_free(config.out)
    prepared = prepare(config, watch)
    network = prepared.network
    stem = f"{network.name}-{datasets.stem(str(prepared.config.data))}"
    with RunFolder.create(config.out, stem) as folder:
        kept = {"name": network.name, **net_source.keep(prepared.source, folder)}
        keep_normalization(prepared.normalization, folder)
        folder.write_config(used(prepared, kept))
        return folder.path, run(world.told(folder.path), folder, prepared, config, watch, world)


def _go_on(config: TrainConfig, path: Path, watch: Watch, world: World) -> tuple[Path, tuple[Epoch, ...]]:
    check_incomplete(path)
    with RunFolder(path) as folder:
        clear_parts(path)
        return path, run(world.told(path), folder, prepare(_as_before(config), watch), config, watch, world)


def _beside(config: TrainConfig, world: World) -> tuple[Path, tuple[Epoch, ...]]:
    """What the other processes do, once the first has a folder: the same, in silence."""
    silent = Silent()
    path = world.told(Path())
    prepared = prepare(config if config.resume is None else _as_before(config), silent)
    return path, run(path, None, prepared, config, silent, world)


def _as_before(config: TrainConfig) -> TrainConfig:
    """The configuration that goes on with a run."""
    return TrainConfig(config=config.resume, data_dir=config.data_dir, resume=config.resume)


def prepare(config: TrainConfig, watch: Watch) -> Prepared:
    planned = plan(config)
    config, network, method, choice = planned.config, planned.network, planned.method, planned.choice
    inherited = inherit(network, config, planned.new) if config.init_from and not has_state(config.resume) else None
    data = choice.load(config.data_dir, watch)
    if config.resume is not None:
        check_same_data(config.resume, data, watch.say)
    check_early_stop(method, data)
    normalization = normalization_for(method, data, watch.say)
    if config.memory_budget is not None:
        images = at_once(method, len(data.train_images), get_world_size() if is_initialized() else 1)
        form_within(network, images, config.memory_budget, numbers_per_weight(method))
    torch.manual_seed(method.seed)  # some layers draw their weights as they are built
    module = net_source.build(network)
    check_trainable(module, len(data.train_images), method)
    source, recipe, engine = planned.source, planned.recipe, planned.engine
    return Prepared(config, source, network, recipe, method, data, normalization, module, engine, inherited)


def plan(config: TrainConfig) -> Planned:
    """Everything about a run that needs no data, checked."""
    typed = typed_recipe(config.set_recipe)
    earlier, source = None, None
    if config.config is not None:
        config, earlier, source = taken_back(config)
    if config.data is None or (config.net is None and source is None):
        raise TypeError("training needs a net and the name of a data set, or the `config` of a run")
    if config.tensorboard:
        check_tensorboard()
    choice = Choice.asked(config)
    if source is None:
        source, network, recipe = compiled(config, choice.image)
    else:
        network, recipe = source.compile(), None
    new: frozenset[str] = frozenset()
    if config.replace_head:
        source, network, new = replace_head(source, network, choice.classes, config.settings)
    recipe = earlier or recipe
    method = method_for(config, recipe, typed)
    engine = Engine(device_of(config.device), config.precision or "auto", bool(config.compile), config.memory_budget)
    source, network = with_classes(source, network, choice.classes, config.settings)
    choice, source, network = with_cut(choice, source, network, method)
    check_fit(network, config.data, choice.image, choice.classes, method)
    check_augment(method, choice.image, recipe)
    check_boxes_stay(network, method, recipe)
    check_parts(network, method, recipe)
    return Planned(config, source, network, recipe, method, choice, engine, new)


def run(
    path: Path, folder: RunFolder | None, prepared: Prepared, config: TrainConfig, watch: Watch, world: World
) -> tuple[Epoch, ...]:
    """From the beginning, or from where the run's state stands, to the last epoch; gives all epochs of the run.

    `folder` is the first process's, which writes there.
    """
    network, data = prepared.network, prepared.data
    file, recipe = network.span.source.name, None if prepared.recipe is None else prepared.recipe.name
    method, images = prepared.method, len(data.train_images)
    weights = None if prepared.inherited is None else prepared.inherited.weights
    training = Training(prepared.module, data, prepared.normalization, method, watch, prepared.engine, weights, world)
    name = str(prepared.config.data)
    if config.resume is not None:
        take_up(path, training, watch.say)
    told, done = warnings(network), training.images_done
    watch.start(Plan(path, network.name, file, name, recipe, method, images, told, done, prepared.inherited))
    if prepared.engine.device.type == "cpu" and prepared.engine.memory_budget is None:
        keep_freed_memory()
    try:
        logged = logging_to(folder, training.history, prepared.config.tensorboard)
        with requests(watch.stopping, patient=world.together) as request, logged as log:
            keeper = Keeper(folder, training, request, config.save_every or SAVE_SECONDS)
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


def compiled(config: TrainConfig, image: FeatureMap) -> tuple[NetSource, Network, Recipe | None]:
    """The net, and its recipe for the data; the recipe's `set` lines hold where the user sets nothing else."""
    assert config.net is not None and config.data is not None
    source = net_source.source_of(config.net, config.settings, image, config.with_rules)
    network = source.compile()
    names = datasets.recipe_names(config.data)
    recipe = next((network.recipes[name] for name in names if name in network.recipes), None)
    if recipe is None and config.data.endswith(datasets.AUGMENTED):
        _no_augmentation(config.data, network)
    if recipe is not None and recipe.net_settings:
        source = replace(source, settings={**recipe.net_settings, **config.settings})
        try:
            network = source.compile()
        except DiagnosticsError as error:
            raise DiagnosticsError(_at_its_line(d, recipe, config.settings) for d in error.diagnostics) from None
    return source, network, recipe


def _no_augmentation(data: str, network: Network) -> NoReturn:
    plain = data.removesuffix(datasets.AUGMENTED)
    fail(
        "NET536",
        f"the net `{network.name}` has no recipe `{data}`",
        expected=f"a recipe that augments the images, such as `recipe {data} {{ augment = [pad_crop(4), flip] }}`",
        found=", ".join(network.recipes) or "no recipe",
        note=f"`--data {plain}` trains on the images as they are",
    )


def _at_its_line(diagnostic: Diagnostic, recipe: Recipe, asked: Mapping[str, Any]) -> Diagnostic:
    """What the compiler finds wrong with a setting, which it takes for the user's, where the recipe sets it."""
    if diagnostic.span is None or not diagnostic.span.source.name.startswith(TYPED_SETTING):
        return diagnostic
    name = diagnostic.span.source.name.removeprefix(TYPED_SETTING).strip() or diagnostic.span.text
    if name in asked or name not in recipe.net_settings or name not in recipe.spans:
        return diagnostic
    close = diagnostic.edits[0].text if diagnostic.edits else ""
    note = f"did you mean `{close}`?" if close else diagnostic.note
    return replace(diagnostic, span=recipe.spans[name], help="", edits=(), note=note)


def warnings(network: Network) -> tuple[Diagnostic, ...]:
    """Not the one on a softmax before the loss, which training passes by; and no notes."""
    return tuple(w for w in network.warnings if w.severity == "warning" and w.code != LAST_SOFTMAX)


def method_for(config: TrainConfig, *recipes: Recipe | None) -> Method:
    """The recipes' method, the last first, changed where the user asked for something else."""
    method = method_from(*recipes)
    options = ("epochs", "batch", "recompute_norms", "accumulate")
    asked: dict[str, Any] = {name: value for name in options if (value := getattr(config, name)) is not None}
    if config.lr is not None:
        asked["optimizer"] = replace(method.optimizer, lr=config.lr)
    if config.freeze_to is not None:
        asked["freeze"] = read_freeze("freeze", config.freeze_to)
    if config.lr_at:
        asked["lr_scale"] = tuple(config.lr_at.items())
    return replace(method, **asked, seed=config.seed or 0, deterministic=bool(config.deterministic))


def used(prepared: Prepared, net: Mapping[str, Any]) -> dict[str, Any]:
    """All that decides the run, for config.yaml: to resume or try it, nothing else is needed."""
    config, recipe, data, normalization = prepared.config, prepared.recipe, prepared.data, prepared.normalization
    return {
        "net": dict(net),
        "data": {
            "name": data.name,
            "folder": None if config.data_dir is None else str(config.data_dir),
            "classes": list(data.class_names),
            "train_images": len(data.train_images),
            "valid_images": 0 if data.valid_images is None else len(data.valid_images),
            "test_images": len(data.test_images),
            "mean": list(normalization.mean),
            "std": list(normalization.std),
        },
        "recipe": None if recipe is None else recipe.name,
        **prepared.method.as_settings(),
        **as_settings(config, prepared.inherited),
        "subset": config.subset,
        "tensorboard": bool(config.tensorboard),
        "valid_fraction": config.valid_fraction,
        "versions": {
            "netdsl": version("netdsl"),
            "torch": str(torch.__version__),
            "numpy": version("numpy"),
            "python": platform.python_version(),
        },
        **prepared.engine.as_settings(),
        "threads": torch.get_num_threads(),
    }

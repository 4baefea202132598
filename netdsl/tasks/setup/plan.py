"""What a run is to be: net, recipe and options put together and checked, before any data is read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from netdsl import data as datasets
from netdsl.diagnostics import Diagnostic, DiagnosticsError, fail
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network, Recipe
from netdsl.passes.typed_recipe import typed_recipe
from netdsl.recipes.method import Method
from netdsl.recipes.parts import read_freeze
from netdsl.recipes.read import method_from
from netdsl.tasks.engine.engine import Engine, device_of
from netdsl.tasks.learning.parts import check_parts
from netdsl.tasks.runs import net_source
from netdsl.tasks.runs.net_source import NetSource
from netdsl.tasks.runs.tensorboard import check_tensorboard
from netdsl.tasks.setup.again import taken_back
from netdsl.tasks.setup.choice import Choice, with_cut
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.fit import check_augment, check_boxes_stay, check_fit, with_classes
from netdsl.tasks.setup.replace_head import replace_head
from netdsl.tasks.setup.styles import check_condition, check_styles

TYPED_SETTING = "--set"  # how the compiler names the text of a setting, whoever gave it


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


def plan(config: TrainConfig, first: Recipe | None = None) -> Planned:
    """Everything about a run that needs no data, checked. `first` is what the net's recipe may leave out."""
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
    method = method_for(config, first, recipe, typed)
    check_styles(config, method)
    engine = Engine(device_of(config.device), config.precision or "auto", bool(config.compile), config.memory_budget)
    source, network = with_classes(source, network, choice.classes, config.settings)
    choice, source, network = with_cut(choice, source, network, method)
    check_fit(network, config.data, choice.image, choice.classes, method, config.net or "")
    check_condition(network, choice.class_names, config, method)
    check_augment(method, choice.image, recipe)
    check_boxes_stay(network, method, recipe)
    check_parts(network, method, recipe)
    return Planned(config, source, network, recipe, method, choice, engine, new)


def compiled(config: TrainConfig, image: FeatureMap) -> tuple[NetSource, Network, Recipe | None]:
    """The net, and its recipe for the data; the recipe's `set` lines hold where the user sets nothing else."""
    assert config.net is not None and config.data is not None
    source = net_source.source_of(config.net, config.settings, image, config.with_rules)
    network = source.compile()
    names = ("style",) if config.styles else datasets.recipe_names(config.data)
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

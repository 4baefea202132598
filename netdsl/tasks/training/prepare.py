"""All that a run is made of, in memory: data, normalization and module beside the plan; and what config.yaml says."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import torch
from torch import nn
from torch.distributed import get_world_size, is_initialized

from netdsl.data import Dataset, Normalization
from netdsl.ir.network import Network, Recipe
from netdsl.recipes.method import Method
from netdsl.tasks.engine.engine import Engine
from netdsl.tasks.engine.guards import check_early_stop, check_trainable
from netdsl.tasks.engine.memory_budget import at_once, form_within, numbers_per_weight
from netdsl.tasks.learning.normalize import normalization_for
from netdsl.tasks.runs import net_source
from netdsl.tasks.runs.net_source import NetSource
from netdsl.tasks.runs.state_file import has_state
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.inherit import Inherited, as_settings, inherit
from netdsl.tasks.setup.plan import plan
from netdsl.tasks.setup.watch import Watch
from netdsl.tasks.training.purpose import LABELS, Purpose
from netdsl.tasks.training.resume import check_same_data


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
    purpose: Purpose = LABELS


def prepare(config: TrainConfig, watch: Watch, purpose: Purpose = LABELS) -> Prepared:
    planned = plan(config, purpose.recipe)
    config, network, method, choice = planned.config, planned.network, planned.method, planned.choice
    inherited = inherit(network, config, planned.new) if config.init_from and not has_state(config.resume) else None
    data = choice.load(config.data_dir, watch)
    check_early_stop(method, data)
    normalization = normalization_for(method, data, watch.say)
    if config.resume is not None:
        check_same_data(config.resume, data, normalization, watch.say)
    if config.memory_budget is not None:
        images = at_once(method, len(data.train_images), get_world_size() if is_initialized() else 1)
        form_within(network, images, config.memory_budget, numbers_per_weight(method))
    torch.manual_seed(method.seed)  # some layers draw their weights as they are built
    module = net_source.build(network)
    check_trainable(module, len(data.train_images), method)
    source, recipe, engine = planned.source, planned.recipe, planned.engine
    return Prepared(config, source, network, recipe, method, data, normalization, module, engine, inherited, purpose)


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
        **({"styles": list(config.styles), "new_styles": config.new_styles} if config.styles else {}),
        **prepared.purpose.settings,
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

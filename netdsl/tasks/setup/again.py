"""A run's config.yaml taken back: its method, and what the user leaves out of net, data and options."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from netdsl.diagnostics import fail
from netdsl.ir.network import Call, Recipe
from netdsl.recipes.read import SETTINGS
from netdsl.tasks.runs import net_source
from netdsl.tasks.runs.net_source import NetSource
from netdsl.tasks.runs.run_folder import CONFIG, read_config
from netdsl.tasks.setup import inherit
from netdsl.tasks.setup.config import TrainConfig

OPTIONS = {
    "seed": int,
    "subset": int,
    "valid_fraction": float,
    "deterministic": bool,
    "precision": str,
    "compile": bool,
    "memory_budget": int,
    "tensorboard": bool,
}


def taken_back(asked: TrainConfig) -> tuple[TrainConfig, Recipe, NetSource | None]:
    """The options with the run's where the user gives none, the run's method, and its net if no other is named."""
    assert asked.config is not None
    a_file = asked.config.is_file()
    run = asked.config.parent if a_file else asked.config
    config = read_config(run, asked.config.name if a_file else CONFIG)
    data = config.get("data")
    data = data if isinstance(data, dict) else {}
    filled: dict[str, Any] = {
        name: config[name]
        for name, kind in OPTIONS.items()
        if getattr(asked, name) is None and type(config.get(name)) is kind
    }
    if asked.data is None:
        filled["data"] = _text(data, "name", asked.config)
        if not asked.classes and isinstance(data.get("classes"), list) and "styles" not in config:
            filled["classes"] = tuple(map(str, data["classes"]))
    if not asked.styles and isinstance(config.get("styles"), list):
        filled |= {"styles": tuple(map(str, config["styles"])), "new_styles": int(config.get("new_styles") or 0)}
    if asked.data_dir is None and isinstance(data.get("folder"), str):
        filled["data_dir"] = Path(data["folder"])
    inherited = inherit.taken_back(config)
    if asked.init_from is None:
        filled |= {name: value for name, value in inherited.items() if name != "replace_head"}
    if asked.replace_head is None:
        filled["replace_head"] = inherited["replace_head"]
    source = None
    if asked.net is None:
        source = net_source.rebuild(config.get("net", {}), run)
        source = replace(source, settings={**source.settings, **asked.settings})
        source = replace(source, with_rules=asked.with_rules or source.with_rules)
    return replace(asked, **filled), recipe_of(config, str(asked.config)), source


def recipe_of(config: Mapping[str, Any], name: str) -> Recipe:
    """A run's method as a recipe."""
    return Recipe(name, {name: _value(config[name]) for name in SETTINGS if name in config})


def _value(value: Any) -> Any:
    """`{sgd: {lr: 0.1}}` as `sgd(lr=0.1)`; what has another form is refused when it is read."""
    if isinstance(value, Mapping) and len(value) == 1:
        ((word, arguments),) = value.items()
        if isinstance(word, str) and isinstance(arguments, Mapping):
            return Call(word, (), dict(arguments))
    return [_value(item) for item in value] if isinstance(value, list) else value


def _text(data: Mapping[str, Any], name: str, path: Path) -> str:
    found = data.get(name)
    if not isinstance(found, str):
        fail("NET553", f"`{path}` cannot be used", expected=f"`data: {name}`", found="none", note="name it with --data")
    return found

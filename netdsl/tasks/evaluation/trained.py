"""A run folder opened again: its net, its weights, and what its images go through."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import nn

from netdsl.data import Normalization
from netdsl.diagnostics import fail
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network
from netdsl.recipes.method import Method
from netdsl.recipes.read import method_from
from netdsl.tasks.engine.engine import PRECISIONS, Engine
from netdsl.tasks.learning.normalize import kept_normalization
from netdsl.tasks.learning.objective import Objective
from netdsl.tasks.runs import net_source
from netdsl.tasks.runs.checkpoint import load_checkpoint
from netdsl.tasks.runs.net_source import NetSource
from netdsl.tasks.runs.run_folder import BEST, CONFIG, MODEL, read_config
from netdsl.tasks.setup.again import recipe_of
from netdsl.tasks.setup.choice import Choice
from netdsl.tasks.setup.fit import check_fit

GREY_LEVELS = 256  # means and deviations are in the images' own unit


@dataclass(frozen=True, slots=True)
class Trained:
    """What a run folder alone says of a trained net."""

    run: Path
    data: str
    source: NetSource
    network: Network
    module: nn.Module
    normalization: Normalization
    config: Mapping[str, Any]
    choice: Choice
    """Which images it was trained and is tried on."""
    objective: Objective
    """What it was trained for."""

    @property
    def engine(self) -> Engine:
        """In the precision that it was trained in, on the device that is there."""
        precision = self.config.get("precision")
        return Engine(precision=precision if precision in PRECISIONS else "auto")

    @property
    def border(self) -> int:
        """Pixels around each training image from which windows were cut; 0 when none were."""
        augment = self.config.get("augment")
        for step in augment if isinstance(augment, list) else []:
            made = step.get("pad_crop") if isinstance(step, dict) else None
            if isinstance(made, dict) and isinstance(made.get("padding"), int):
                return int(made["padding"])
        return 0

    def at(self, size: tuple[int, ...]) -> nn.Module:
        """The same weights in the net laid out for images of another size.

        Errors: NET590 where a layer's weights depend on the size, as those of `F` behind a map do
        """
        if size == self.network.input.size:
            return self.module
        image = FeatureMap(self.network.input.channels, size)
        network = replace(self.source, image=image).compile()
        here, there = _weights(self.network), _weights(network)
        differing = [name for name in {**here, **there} if here.get(name) != there.get(name)]
        if differing:
            name = differing[0]
            fail(
                "NET590",
                f"`{self.network.name}` cannot look at images of {'x'.join(map(str, size))} pixels",
                expected=f"{here.get(name, 0):,} weights in `{name}`, as trained",
                found=f"{there.get(name, 0):,} for images of that size",
                note="the whole image can be looked at by a net whose weights do not depend on its size: one that ends "
                "in `G F10`, or has a convolution as large as the map in the place of its first `F`; others take "
                "windows, with --crops",
            )
        module = net_source.build(network)
        module.load_state_dict(self.module.state_dict())
        return module


def open_run(run: Path, best: bool = False) -> Trained:
    """Build the net again from the run folder, and load its last weights, or its best. No data is read."""
    config = read_config(run)
    if "styles" in config:
        fail(
            "NET672",
            f"the net of `{run}` paints: there is no class to find",
            expected="a run that was trained to tell classes apart, to find boxes or to give images back",
            found="a run of `netdsl train --style`",
            note=f"paint with it: netdsl stylize PHOTO --model {run}",
        )
    name = _read(config, run, "data", "name", str)
    mean, std = _read(config, run, "data", "mean", list), _read(config, run, "data", "std", list)
    source = net_source.rebuild(_read(config, run, "net", None, dict), run)
    network = source.compile()
    choice = Choice.kept(config, network)
    image = choice.image
    method = _method(config, run)
    check_fit(network, name, image, choice.classes, method)
    if not len(mean) == len(std) == image.channels or not all(map(_grey_level, (*mean, *std))) or 0 in std:
        _lacking(run, f"`data: mean` and `data: std` with {image.channels} numbers each, 0 to 255, `std` above 0")
    module = net_source.build(network)
    load_checkpoint(module, run / (BEST if best else MODEL))
    channel = Normalization(tuple(mean), tuple(std))
    normalization = kept_normalization(run, config.get("normalize"), channel, image)
    objective = Objective(module, method)
    return Trained(run, name, source, network, module, normalization, config, choice, objective)


def _method(config: Mapping[str, Any], run: Path) -> Method:
    """What the run was trained for; the rest of its method is not needed to try it."""
    kept = {name: value for name, value in config.items() if name in ("loss", "target")}
    return method_from(recipe_of(kept, str(run / CONFIG)))


def _weights(network: Network) -> dict[str, int]:
    """The number of weights of each layer that has some."""
    counts = zip(network.nodes, network.counts, strict=True)
    return {node.name: count.params for node, count in counts if count.params}


def _grey_level(value: Any) -> bool:
    return isinstance(value, float | int) and 0 <= value < GREY_LEVELS


def _read(config: Mapping[str, Any], run: Path, section: str, name: str | None, kind: type) -> Any:
    value = config.get(section)
    if name is not None:
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, kind):
        _lacking(run, f"`{section}`" if name is None else f"`{section}: {name}`")
    return value


def _lacking(run: Path, what: str) -> None:
    fail("NET553", f"`{run / CONFIG}` cannot be used", expected=what, found="none that can be read", note="train again")

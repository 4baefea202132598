"""The net that is looked into: a run's, or a net with weights from elsewhere, with what its images go through."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any, cast

import torch

from netdsl.data import FOLDER_INPUT, Normalization
from netdsl.data.contrast import Whitening
from netdsl.data.imagenet import class_names
from netdsl.diagnostics import DiagnosticsError, fail
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network, Recipe
from netdsl.lowering import Compiled, load_weights
from netdsl.passes.typed_recipe import typed_recipe
from netdsl.recipes.method import Method
from netdsl.recipes.read import method_from
from netdsl.seeing.outputs import class_output
from netdsl.tasks.engine.engine import Engine, device_of
from netdsl.tasks.evaluation.trained import open_run
from netdsl.tasks.learning.normalize import IMAGENET
from netdsl.tasks.runs.net_source import NetSource, build
from netdsl.tasks.runs.run_folder import CONFIG

COLOURS = (1, 3)  # channels that an image file can have
RECIPE = "imagenet"
LAYING_OUT = Lock()
"""Pictures are read by several threads, and the compiler is for one at a time."""
KEPT = 40
"""Sizes that a net stays laid out for: photographs may have a size each."""


def keep_few(made: dict[tuple[int, ...], Any]) -> None:
    """Room for another size: the oldest give way."""
    while len(made) >= KEPT:
        made.pop(next(iter(made)))


@dataclass(frozen=True, slots=True)
class Subject:
    """A trained net in evaluation mode, whose weights need no gradient.

    image: the net's input, channels x height x width
    resize: pixels of the square that a picture is fitted into before its middle is taken; None: as the input
    classes: names of the classes, in the order of the outputs; their numbers where nobody named them
    run: the run's folder; None for a net with weights from elsewhere
    """

    name: str
    network: Network
    module: Compiled
    normalization: Normalization
    image: FeatureMap
    resize: int | None
    classes: tuple[str, ...]
    engine: Engine
    source: NetSource
    run: Path | None = None
    _at: dict[tuple[int, ...], Compiled | None] = field(default_factory=dict, repr=False)

    def at(self, size: tuple[int, ...]) -> Compiled | None:
        """The same weights, shared, in the net laid out for pictures of another size (height, width).

        None where that size is none of the net's: a layer has other weights there, or there is no such net.
        """
        if size == self.image.size:
            return self.module
        with LAYING_OUT:
            if size not in self._at:
                keep_few(self._at)
                self._at[size] = self._laid_out(size)
            return self._at[size]

    def batch(self, pixels: torch.Tensor) -> torch.Tensor:
        """Bytes, images x channels x height x width, as the net gets them: normalized, on its device."""
        return self.engine.images(self.normalization(pixels.to(self.engine.device)))

    def _laid_out(self, size: tuple[int, ...]) -> Compiled | None:
        if isinstance(self.normalization, Whitening):  # made for images of one size
            return None
        try:
            network = replace(self.source, image=FeatureMap(self.image.channels, size)).compile()
        except DiagnosticsError:
            return None
        if network.output != self.network.output:  # a window of the old size in the place of a global pool
            return None
        with torch.device("meta"):
            module = build(network)
        own = self.module.state_dict()
        there = {name: tensor.shape for name, tensor in module.state_dict().items()}
        if there != {name: tensor.shape for name, tensor in own.items()}:
            return None
        module.load_state_dict(own, assign=True)
        return cast(Compiled, module.eval().requires_grad_(False))


def open_subject(
    what: str,
    weights: Path | None = None,
    settings: Mapping[str, Any] | None = None,
    with_rules: str = "",
    set_recipe: Mapping[str, str] | None = None,
    best: bool = False,
    device: str | None = None,
) -> Subject:
    """The folder of a run, or a net (a file, a bundled name, a text) with a file of weights.

    `settings`, `with_rules` and `set_recipe` (lines of a recipe, as in training) are for a net, whose preprocessing
    and class names are those of its `recipe imagenet`; `best` is for a run.
    Errors: DiagnosticsError with NET600 for weights that are missing or given twice, NET601 no preprocessing, NET602 an
    input that no picture has, NET603 no classes; those of opening a run, of the net's text, of reading the weights
    """
    if is_run(what, weights, bool(settings or with_rules or set_recipe)):
        return _of_run(Path(what), best, device)
    assert weights is not None
    return _of_net(what, weights, settings or {}, with_rules, typed_recipe(set_recipe or {}), device)


def is_run(what: str, weights: Path | None, changed: bool) -> bool:
    """Is it a run, or a net with a file of weights? `changed`: are there options that are for a net alone?

    Errors: DiagnosticsError with NET600 for a net without weights, and for a run with weights or such options
    """
    there = _is_there(Path(what))
    found = _is_there(Path(what) / CONFIG) or (weights is None and there and Path(what).is_dir())
    if found and (weights is not None or changed):
        fail(
            "NET600",
            f"`{what}` is a run, which has weights and preprocessing of its own",
            expected="a run alone, or a net with --weights",
            found="a run with --weights, --set, --with or --set-recipe",
        )
    if not found and weights is None:
        fail(
            "NET600",
            f"`{what}` is no folder of a run, and a net alone has no weights",
            expected="a run's folder, or a net with --weights FILE",
            found="a net without weights" if there else "nothing of that name",
        )
    return found


def _is_there(path: Path) -> bool:
    """Not so for a net typed out, which is too long for a name."""
    try:
        return path.exists()
    except OSError:
        return False


def _of_run(run: Path, best: bool, device: str | None) -> Subject:
    trained = open_run(run, best)
    _check_input(trained.network)
    engine = Engine(device_of(device), "fp32")  # whatever it was trained in: what is looked at is not rounded first
    cut = trained.choice.cut
    return Subject(
        trained.network.name,
        trained.network,
        _placed(trained.module, engine),
        trained.normalization,
        trained.network.input,
        None if cut is None else cut.resize,
        trained.choice.class_names,
        engine,
        trained.source,
        run,
    )


def _of_net(
    what: str, weights: Path, settings: Mapping[str, Any], with_rules: str, typed: Recipe, device: str | None
) -> Subject:
    source = NetSource(what, settings, None, with_rules)
    network = source.compile()
    method = _method(network, typed)
    if network.open_sizes is not None:
        side = method.crop or method.resize
        size = (side, side) if side else FOLDER_INPUT.size
        source = replace(source, image=FeatureMap(network.input.channels, size))
        network = source.compile()
    _check_input(network)
    module = build(network)
    load_weights(module, weights)
    engine = Engine(device_of(device), "fp32")
    resize = None if method.resize is None or method.resize < max(network.input.size) else method.resize
    return Subject(
        network.name,
        network,
        _placed(module, engine),
        _normalization(method, network),
        network.input,
        resize,
        _names(method, network),
        engine,
        source,
    )


def _method(network: Network, typed: Recipe) -> Method:
    recipe = network.recipes.get(RECIPE)
    if recipe is None and not typed.settings:
        fail(
            "NET601",
            f"nothing says what pictures go through before `{network.name}` sees them",
            expected="in the net's file: recipe imagenet { normalize = imagenet  resize = 256  classes = imagenet }",
            found=", ".join(f"recipe {name}" for name in network.recipes) or "no recipe",
            note="or on the command line: --set-recipe 'normalize=imagenet, resize=256'",
        )
    return method_from(recipe, typed)


def _normalization(method: Method, network: Network) -> Normalization:
    """`channel` of ImageNet's training images is what everybody's weights for it were trained with."""
    if method.normalize == "none":
        return Normalization.none(network.input.channels)
    if method.normalize in ("gcn", "zca") or network.input.channels != len(IMAGENET.mean):
        fail(
            "NET601",
            f"`normalize = {method.normalize}` cannot be worked out for `{network.name}` without training images",
            expected="imagenet, channel (that of ImageNet) or none; none, where pictures are not in three colours",
            found=method.normalize,
            note="--set-recipe normalize=none",
        )
    return IMAGENET


def _names(method: Method, network: Network) -> tuple[str, ...]:
    """Weights with another number of classes than the recipe's are some other data's."""
    outputs = class_output(network).classes
    if method.classes == "imagenet" and outputs == len(class_names()):
        return class_names()
    return tuple(map(str, range(outputs)))


def _check_input(network: Network) -> None:
    class_output(network)
    if network.input.channels not in COLOURS or len(network.input.size) != 2 or network.conditions:
        conditions = f" and {', '.join(network.nodes[n].name for n in network.conditions.values())}"
        fail(
            "NET602",
            f"`{network.name}` does not look at pictures",
            expected="an input of 1 (grey) or 3 channels, height and width, and no condition beside it",
            found=f"{network.input}{conditions if network.conditions else ''}",
        )


def _placed(module: torch.nn.Module, engine: Engine) -> Compiled:
    return cast(Compiled, engine.place(module).eval().requires_grad_(False))

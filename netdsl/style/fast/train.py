"""`netdsl train --style`: a net learns to paint in one pass, in one style or in many."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import nn

from netdsl.compiler import Pipeline
from netdsl.data import photos
from netdsl.data.files import Meter, Say
from netdsl.data.folder import PREFIX
from netdsl.diagnostics import fail
from netdsl.modules.condition import ConditionalInstanceNorm
from netdsl.passes.typed_recipe import typed_recipe
from netdsl.recipes.method import Method
from netdsl.style.fast.begin import calm_output
from netdsl.style.fast.objective import CONTENT_LAYER, STYLE_LAYERS, StyleObjective
from netdsl.style.fast.preview import Preview
from netdsl.style.fast.styles import Styles, given, kept, names_of, run_config
from netdsl.style.loss.network import loss_network
from netdsl.style.loss.weights import open_loss_weights
from netdsl.tasks.engine.engine import Engine, device_of
from netdsl.tasks.engine.number_format import number_format
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Watch
from netdsl.tasks.training.purpose import Purpose

RULES = "condition style({}); I -> I{{style}}"
"""Make a net of one style one of many: Dumoulin et al. 2017, arXiv:1610.07629, section 2.2."""
RATE = 0.001
METHOD = {
    "loss": "perceptual",
    "target": "style",
    "optimizer": f"adam(lr={RATE})",
    "schedule": "constant",
    "weight_decay": "0",
    "batch": "4",
    "epochs": "2",
    "normalize": "vgg",
    "init": "gaussian(std=0.05)",
    "resize": "256",
}
"""The thesis's Table 5.1, for what a net's recipe leaves out."""
EPOCH = 1000
"""Images that an epoch has at least: fewer photographs come several times."""
FASTER = 10.0
"""How many times the run's learning rate scales and shifts stand that are trained alone."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a user asks of styles: files or samples; those that are added to a run's; the size they are looked at in."""

    files: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    size: int | None = None
    loss_weights: str | None = None


def paints(run: Path | None) -> bool:
    """Is it a run of a net that learns styles?"""
    return run is not None and bool(names_of(run_config(run)))


def prepared(asked: TrainConfig, wanted: Wanted, watch: Watch) -> tuple[TrainConfig, Purpose]:
    """What `tasks.training.train` takes to train a net on styles.

    Errors: DiagnosticsError with NET650 and NET651 for what is no picture, NET673 where no style can be added, and
    those of the loss network's weights
    """
    before = asked.resume or asked.config
    if wanted.added:
        before = _learned(asked)
        asked = replace(asked, config=asked.config or before)
    size, weights = wanted.size, wanted.loss_weights
    if before is not None:
        config = run_config(before)
        size, weights = size or config.get("style_size"), weights or config.get("loss_weights")
    if wanted.added and before is not None:
        styles = given(wanted.added, size, kept(before))
        asked = replace(asked, with_rules=_more_values(before, asked.with_rules, len(styles.names)))
        if asked.lr is None and "optimizer" not in asked.set_recipe:
            asked = replace(asked, lr=_rate_of_scales(run_config(before)))
    elif wanted.files:
        styles = given(wanted.files, size)
        if asked.net is not None and len(styles.names) > 1 and not _conditions(asked):
            rules = RULES.format(len(styles.names))
            asked = replace(asked, with_rules=f"{asked.with_rules}; {rules}" if asked.with_rules else rules)
    else:
        assert before is not None
        styles = kept(before)
    if asked.precision is None and before is None:
        fast = number_format(None, device_of(asked.device)).itemsize < 4
        asked = replace(asked, precision="bf16" if fast else "fp32")
    recipe = dict(METHOD)
    if asked.data is not None and asked.data.startswith(PREFIX):
        recipe["passes"] = str(-(-EPOCH // max(1, len(photos.scan(asked.data).files))))
    asked = replace(asked, styles=styles.names, new_styles=styles.new)
    purpose = Purpose(
        objective=_objective(styles, weights, watch.say, watch.meter),
        recipe=typed_recipe(recipe),
        begin=_only_scales if styles.new else calm_output,
        settings={"style_size": size, "loss_weights": weights},
        begun=styles.keep,
        saved=Preview(styles),
    )
    return asked, purpose


def _objective(
    styles: Styles, weights: str | None, say: Say, meter: Meter | None
) -> Callable[[nn.Module, Method, Engine], StyleObjective]:
    def made(module: nn.Module, method: Method, engine: Engine) -> StyleObjective:
        layers = (*STYLE_LAYERS, CONTENT_LAYER)
        network = loss_network(open_loss_weights(weights, say, meter), layers, engine.dtype, engine.device)
        return StyleObjective(module, method, network, [style.to(engine.device) for style in styles.tensors()])

    return made


def _rate_of_scales(config: Mapping[str, Any]) -> float:
    """Of a run's learning rate, or of Table 5.1's; a run that trained scales alone had it already."""
    made = config.get("optimizer")
    found = [given.get("lr") for given in made.values() if isinstance(given, dict)] if isinstance(made, dict) else []
    rate = float(found[0]) if found and isinstance(found[0], int | float) else RATE
    return rate if config.get("new_styles") else FASTER * rate


def _learned(asked: TrainConfig) -> Path:
    """The run whose net gets a further style. Reports NET673 for something else."""
    run = asked.init_from
    if run is not None and run.is_file():
        run = run.parent
    if run is None or not run.is_dir():
        fail(
            "NET673",
            "a style is added to a net that has learned some",
            expected="--init-from RUN, the folder of a run of `netdsl train --style`",
            found="no --init-from" if asked.init_from is None else f"--init-from {asked.init_from}",
        )
    return run


def _more_values(run: Path, asked: str, count: int) -> str:
    """The rules of the run's net with a condition of so many values. Reports NET673 for a net with one of its own."""
    net = run_config(run).get("net")
    rules = asked or str((net if isinstance(net, dict) else {}).get("with") or "")
    found, replaced = re.subn(r"condition style\(\d+\)", f"condition style({count})", rules)
    if replaced:
        return found
    if len(names_of(run_config(run))) > 1:
        fail(
            "NET673",
            f"the net of `{run}` has room for its own styles only",
            expected="a net whose condition was made for its styles",
            found="a condition in its file",
            note="train a net without one, such as pastiche.net, on several styles",
        )
    return f"{rules}; {RULES.format(count)}" if rules else RULES.format(count)


def _conditions(asked: TrainConfig) -> bool:
    """Does the net have a condition already? One that cannot be compiled is reported later."""
    assert asked.net is not None
    network = Pipeline.of(asked.net).compile(settings=asked.settings, with_rules=asked.with_rules).network
    return network is not None and bool(network.conditions)


def _only_scales(module: nn.Module) -> None:
    """Nothing is trained but the scales and shifts of the styles; those of other styles have no gradient."""
    module.requires_grad_(False)
    for part in module.modules():
        if isinstance(part, ConditionalInstanceNorm):
            part.requires_grad_(True)

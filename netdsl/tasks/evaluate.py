"""`netdsl eval`: a run folder in, its test error out."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import torch

from netdsl import data as datasets
from netdsl.data import Normalization
from netdsl.diagnostics import fail
from netdsl.recipes.method import Method
from netdsl.recipes.read import method_from
from netdsl.tasks import net_source
from netdsl.tasks.again import recipe_of
from netdsl.tasks.checkpoint import load_checkpoint
from netdsl.tasks.fit import check_fit
from netdsl.tasks.measure import measure
from netdsl.tasks.normalize import kept_normalization
from netdsl.tasks.objective import Objective
from netdsl.tasks.run_folder import CONFIG, MODEL, read_config
from netdsl.tasks.watch import Silent, Watch

GREY_LEVELS = 256  # means and deviations are in the images' own unit


@dataclass(frozen=True, slots=True)
class EvalResult:
    """How a run's net does on the test images; `error` is a fraction, `loss` the mean of what it was trained for.

    `wrong` and `error` are None where no output gives classes, `mean_iou` where none gives boxes.
    """

    run: str
    net: str
    data: str
    split: str
    images: int
    wrong: int | None
    error: float | None
    loss: float
    mean_iou: float | None


def evaluate(run: Path, data_dir: Path | None = None, watch: Watch | None = None) -> EvalResult:
    """Build the net again from the run folder alone, load its weights, try it on the test split."""
    watch = watch or Silent()
    config = read_config(run)
    name = _read(config, run, "data", "name", str)
    mean, std = _read(config, run, "data", "mean", list), _read(config, run, "data", "std", list)
    source = net_source.rebuild(_read(config, run, "net", None, dict), run)
    network = source.compile()
    image, classes = datasets.known(name)
    method = method_of(config, run)
    check_fit(network, name, image, classes, method)
    if not len(mean) == len(std) == image.channels or not all(map(_grey_level, (*mean, *std))) or 0 in std:
        _lacking(run, f"`data: mean` and `data: std` with {image.channels} numbers each, 0 to 255, `std` above 0")
    module = net_source.build(network)
    load_checkpoint(module, run / MODEL)
    data = datasets.load(name, data_dir, watch.say, watch.meter)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    channel = Normalization(tuple(mean), tuple(std))
    normalization = kept_normalization(run, config.get("normalize"), channel, image)
    boxes = None if data.test_boxes is None else data.test_boxes.to(device)
    score = measure(
        module.to(device),
        data.test_images.to(device),
        data.test_labels.to(device),
        normalization,
        objective=Objective(module, method),
        boxes=boxes,
    )
    if not isfinite(score.loss):
        fail(
            "NET540",
            f"the loss on the test images of {name} is not a number",
            expected="a finite loss",
            found=f"{score.loss}",
            note="the weights have diverged: train again with a lower learning rate",
        )
    return EvalResult(
        str(run), network.name, name, "test", score.images, score.wrong, score.error, score.loss, score.mean_iou
    )


def method_of(config: Mapping[str, Any], run: Path) -> Method:
    """What the run was trained for; the rest of its method is not needed to try it."""
    kept = {name: value for name, value in config.items() if name in ("loss", "target")}
    return method_from(recipe_of(kept, str(run / CONFIG)))


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

"""What a report says: everything that a run's folder and its data tell, and why something is left out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor

from netdsl.diagnostics import DiagnosticsError
from netdsl.ir.network import Network
from netdsl.seeing.looker import CAM, Looker, Method, upsampled
from netdsl.seeing.mistakes import Mistaken, find_mistakes
from netdsl.seeing.tried import BATCH, Tried
from netdsl.tasks.evaluation.evaluate import EvalResult, evaluate
from netdsl.tasks.runs import net_source
from netdsl.tasks.runs.metrics import Epoch
from netdsl.tasks.runs.past_runs import PastRun
from netdsl.tasks.runs.run_folder import RESULT
from netdsl.tasks.setup.watch import Watch

ELSE = "grad-cam"
"""Maps for nets that have no class activation maps."""
PIXELS = 32 * 256 * 256
"""Of a batch: larger images go through the net in smaller batches."""
SHOWN = 12
"""Images of a gallery at most."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Sight:
    """A test image that is answered rightly, uint8, with the map of its class, height x width."""

    name: str
    probability: float
    image: Tensor
    heat: Tensor


@dataclass(frozen=True, slots=True)
class Gallery:
    """Some images and the mistakes, with the method of their maps and the node that these are of."""

    method: str
    at: str
    sights: tuple[Sight, ...]
    mistaken: Mistaken


@dataclass(frozen=True, slots=True)
class Contents:
    """A run as far as it can be read. `missing` says by section why it is not there."""

    run: Path
    network: Network
    config: Mapping[str, Any]
    epochs: tuple[Epoch, ...]
    wanted: int | None
    complete: bool
    seconds: float
    best: bool
    result: EvalResult | None
    gallery: Gallery | None
    missing: Mapping[str, str] = field(default_factory=dict)


def collect(
    run: Path,
    watch: Watch,
    data_dir: Path | None = None,
    best: bool = False,
    count: int = SHOWN,
    with_data: bool = True,
) -> Contents:
    """Read a run, try it on its test images, and look at some of them.

    What cannot be had, such as data that is not at hand or the weights of a run that was stopped in its first epoch,
    is left out and told. Errors: DiagnosticsError with NET552 for a folder without a run, NET553 and NET592 for one
    that is damaged, and those of the net's text
    """
    past = PastRun.read(run)
    network = net_source.rebuild(past.config.get("net", {}), run).compile()
    missing: dict[str, str] = {}
    result, gallery = None, None
    if not with_data:
        missing |= dict.fromkeys(("result", "gallery"), "The data was not asked for (--no-data).")
    else:
        result = _tried(missing, "result", lambda: evaluate(run, data_dir, watch, best=best))
        if result is None:
            missing["gallery"] = missing["result"]
        else:
            tried = Tried(run, data_dir=data_dir, best=best)
            gallery = _tried(missing, "gallery", lambda: _gallery(tried, missing, count, watch))
    complete = (run / RESULT).is_file()
    seconds = past.seconds
    return Contents(
        run, network, past.config, past.epochs, past.wanted, complete, seconds, best, result, gallery, missing
    )


def _tried(missing: dict[str, str], section: str, find: Callable[[], Found]) -> Found | None:
    """What is found, or None and the first message in `missing`."""
    try:
        return find()
    except DiagnosticsError as error:
        missing[section] = said(error)
        return None


def said(error: DiagnosticsError) -> str:
    """A message on one line, as a sentence of the page."""
    first = error.diagnostics[0]
    found = f" (found: {first.found})" if first.found else ""
    return f"{first.code}: {first.message}{found}."


def _gallery(tried: Tried, missing: dict[str, str], count: int, watch: Watch) -> Gallery:
    """By the exact maps where the net has them, else by gradients, and then `missing` says why."""
    method = Method(CAM)
    try:
        Looker(tried.open()[0], method)
    except DiagnosticsError as error:
        if error.diagnostics[0].code != "NET604":
            raise
        missing["cam"] = said(error)
        method = Method(ELSE)
    mistaken = find_mistakes(tried, method, count, watch=watch)
    return Gallery(method.name, mistaken.place, tuple(_sights(tried, method, count, watch)), mistaken)


def _sights(tried: Tried, method: Method, count: int, watch: Watch) -> list[Sight]:
    """The first images that are answered rightly, one a class for as many classes as there is room."""
    subject, choice = tried.open()
    looker = Looker(subject, method)
    data = tried.load(choice, watch)
    images, labels = data.split(tried.split)
    numbers = first_of_each(labels, min(count, len(data.class_names)))
    found: dict[int, Sight] = {}
    at_once = max(1, min(BATCH, PIXELS // images[0, 0].numel()))
    for start in range(0, len(numbers), at_once):
        part = numbers[start : start + at_once]
        look = looker(images[part])
        shares = look.probabilities.cpu()
        maps = upsampled(look.maps(labels[part][:, None]), tuple(images.shape[2:]))[:, 0].cpu()
        for place, number in enumerate(part):
            label = int(labels[number])
            if int(shares[place].argmax()) == label and label not in found:
                found[label] = Sight(data.class_names[label], float(shares[place, label]), images[number], maps[place])
    return [found[label] for label in sorted(found)]


def first_of_each(labels: Tensor, classes: int, each: int = 20) -> Sequence[int]:
    """The places of the first `each` images of as many classes, in order."""
    places: list[Tensor] = [(labels == label).nonzero()[:each, 0] for label in range(classes)]
    return sorted(torch.cat(places).tolist()) if places else []

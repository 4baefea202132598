"""`netdsl eval`: run folders in, their test errors out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

import torch
from torch import Tensor

from netdsl import data as datasets
from netdsl.data import Dataset
from netdsl.data.dataset import middle
from netdsl.diagnostics import fail
from netdsl.tasks.evaluation.predict import log_probabilities
from netdsl.tasks.evaluation.score import Answers, answers
from netdsl.tasks.evaluation.trained import Trained, open_run
from netdsl.tasks.evaluation.views import Views
from netdsl.tasks.learning.measure import measure
from netdsl.tasks.runs.metrics import Score
from netdsl.tasks.runs.past_runs import PastRun
from netdsl.tasks.runs.run_folder import whole
from netdsl.tasks.setup.choice import Choice
from netdsl.tasks.setup.watch import Silent, Watch

CONFUSION = "confusion.png"
MEAN = "mean of {}"


@dataclass(frozen=True, slots=True)
class EvalResult:
    """How a run's net does on the images of a split; `error` is a fraction, `loss` the mean cross-entropy.

    Where a net was trained for something else, `loss` is the mean of that. No `answers`: no output gives classes.
    """

    run: str
    net: str
    data: str
    split: str
    answers: Answers | None
    views: Views
    images: int
    loss: float
    mean_iou: float | None = None
    """Intersection over union of the boxes found and the true ones; None: no output gives boxes."""

    @property
    def wrong(self) -> int | None:
        return None if self.answers is None else self.answers.wrong

    @property
    def error(self) -> float | None:
        return None if self.answers is None else self.answers.error

    def as_json(self) -> Mapping[str, Any]:
        found = self.answers
        return {
            "run": self.run,
            "net": self.net,
            "data": self.data,
            "split": self.split,
            "images": self.images,
            "wrong": self.wrong,
            "error": self.error,
            "loss": self.loss,
            "mean_iou": self.mean_iou,
            "top5_error": None if found is None else found.top5_error,
            "views": asdict(self.views),
            "classes": [] if found is None else [asdict(each) for each in found.classes],
            "confusion": [] if found is None else found.confusion,
        }


def evaluate(
    run: Path,
    data_dir: Path | None = None,
    watch: Watch | None = None,
    views: Views | None = None,
    best: bool = False,
    split: str = "test",
) -> EvalResult:
    """Build the net again from the run folder alone, load its weights, try it on a split of what the run chose."""
    return evaluate_all([run], data_dir, watch, views, best=best, split=split)[0]


def evaluate_all(
    runs: Sequence[Path],
    data_dir: Path | None = None,
    watch: Watch | None = None,
    views: Views | None = None,
    ensemble: bool = False,
    best: bool = False,
    split: str = "test",
) -> list[EvalResult]:
    """A result for each run; with `ensemble` another, that of the mean of their probabilities.

    `best` takes the weights of each run's best epoch in place of the last one's.
    Errors: NET591 for runs on different data in an ensemble, NET597 for views or a mean of nets without classes
    """
    watch, views = watch or Silent(), views or Views()
    opened = [open_run(run, best) for run in runs]
    for past in map(PastRun.read, runs):
        if not past.complete:
            watch.say(f"{past.path} is not complete: {len(past.epochs)} of {past.wanted or '?'} epochs")
    if ensemble:
        _check_same_data(opened, split)
    results: list[EvalResult] = []
    total: Tensor | None = None
    loaded: dict[Choice, Dataset] = {}
    for trained in opened:
        if trained.objective.classifies is None and (ensemble or not views.plain):
            no_classes(trained.network.name, "be averaged")
        choice = replace(trained.choice, data=trained.data.removesuffix(datasets.AUGMENTED))
        if choice.cut is not None and views.larger:
            choice = replace(choice, cut=replace(choice.cut, whole=True, whole_tests=True))
        data = loaded.get(choice) or choice.load(data_dir, watch)
        loaded[choice] = data
        images, labels = data.split(split)
        found, logs = None, None
        if trained.objective.classifies is not None:
            logs = log_probabilities(trained, images, views, trained.engine, watch)
            found = answers(logs, labels.to(logs.device), data.class_names)
        score = None if found is not None and trained.objective.is_cross_entropy else _score(trained, data, split)
        loss = score.loss if score is not None else found.loss if found is not None else 0.0
        _check_finite(loss, data, split)
        names = str(trained.run), trained.network.name, trained.data, split
        boxes = None if score is None else score.mean_iou
        results.append(EvalResult(*names, found, views, len(images), loss, boxes))
        if ensemble and logs is not None:
            total = logs if total is None else torch.logaddexp(total, logs)
    if total is not None:
        mean = total - torch.tensor(float(len(opened))).log()
        nets = ", ".join(dict.fromkeys(trained.network.name for trained in opened))
        found = answers(mean, labels.to(mean.device), data.class_names)
        _check_finite(found.loss, data, split)
        of_all = MEAN.format(len(opened)), nets, opened[0].data, split
        results.append(EvalResult(*of_all, found, views, found.images, found.loss))
    return results


def _score(trained: Trained, data: Dataset, split: str) -> Score:
    """By what the run was trained for, each image as it is."""
    images, labels = data.split(split)
    boxes, engine = data.boxes(split), trained.engine
    module = engine.place(trained.module)
    images = middle(images, trained.network.input.size)  # of those that views take whole
    placed = images.to(engine.device), labels.to(engine.device)
    where = None if boxes is None else boxes.to(engine.device)
    return measure(module, *placed, trained.normalization, engine, trained.objective, where)


def no_classes(net: str, what: str) -> NoReturn:
    fail(
        "NET597",
        f"answers of `{net}` cannot {what}: it gives no classes",
        expected="a net that was trained with `target = label`",
        found="one that gives images or boxes",
    )


def _check_finite(loss: float, data: Dataset, split: str) -> None:
    if not isfinite(loss):
        fail(
            "NET540",
            f"the loss on the {split} images of {data.name} is not a number",
            expected="a finite loss",
            found=f"{loss}",
            note="the weights have diverged: train again with a lower learning rate",
        )


def draw_confusion(results: Iterable[EvalResult], path: Path | None = None) -> list[Path]:
    """The picture of each result in its run folder, or of one at `path`; the mean of runs needs a path."""
    from netdsl.tasks.evaluation.confusion import save_confusion  # here: matplotlib takes a while to load

    drawn = []
    for result in results:
        if result.answers is None:
            no_classes(result.net, "be drawn")
        place = path or Path(result.run) / CONFUSION
        title = f"{result.net} on {result.data}: {result.answers.error:.2%} of {result.images:,} wrong"
        with whole(place) as beside:
            save_confusion(result.answers, title, beside)
        drawn.append(place)
    return drawn


def _check_same_data(opened: Sequence[Trained], split: str) -> None:
    names = [trained.data.removesuffix(datasets.AUGMENTED) for trained in opened]
    choices = [trained.choice for trained in opened]
    chosen: list[Any] = [(name, choice.class_names) for name, choice in zip(names, choices, strict=True)]
    if split != "test":  # whose images do not depend on what was held out
        chosen = [(*each, choice.valid_fraction, choice.subset) for each, choice in zip(chosen, choices, strict=True)]
    other = next((n for n, each in enumerate(chosen) if each != chosen[0]), None)
    if other is not None:
        fail(
            "NET591",
            "runs on different data have no mean",
            expected=f"{_chosen(chosen[0])}, the data of `{opened[0].run}`",
            found=f"{_chosen(chosen[other])}, that of `{opened[other].run}`",
        )


def _chosen(choice: tuple[Any, ...]) -> str:
    """Data and what was chosen of it, in words."""
    name, classes, *part = choice
    held_out = f", held out {part[0] or 0:g}, subset {part[1] or 'all'}" if part else ""
    return f"{name} ({', '.join(classes)}{held_out})"

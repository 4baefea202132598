"""`netdsl eval`: run folders in, their test errors out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from netdsl import data as datasets
from netdsl.data import Dataset
from netdsl.diagnostics import fail
from netdsl.tasks.engine import Engine
from netdsl.tasks.predict import log_probabilities
from netdsl.tasks.run_folder import whole
from netdsl.tasks.score import Answers, answers
from netdsl.tasks.trained import Trained, open_run
from netdsl.tasks.views import Views
from netdsl.tasks.watch import Silent, Watch

CONFUSION = "confusion.png"
MEAN = "mean of {}"


@dataclass(frozen=True, slots=True)
class EvalResult:
    """How a run's net does on the test images; `error` is a fraction, `loss` the mean cross-entropy."""

    run: str
    net: str
    data: str
    split: str
    answers: Answers
    views: Views

    @property
    def images(self) -> int:
        return self.answers.images

    @property
    def wrong(self) -> int:
        return self.answers.wrong

    @property
    def error(self) -> float:
        return self.answers.error

    @property
    def loss(self) -> float:
        return self.answers.loss

    def as_json(self) -> Mapping[str, Any]:
        found = self.answers
        return {
            "run": self.run,
            "net": self.net,
            "data": self.data,
            "split": self.split,
            "images": found.images,
            "wrong": found.wrong,
            "error": found.error,
            "loss": found.loss,
            "top5_error": found.top5_error,
            "views": asdict(self.views),
            "classes": [asdict(each) for each in found.classes],
            "confusion": found.confusion,
        }


def evaluate(
    run: Path,
    data_dir: Path | None = None,
    watch: Watch | None = None,
    views: Views | None = None,
    best: bool = False,
) -> EvalResult:
    """Build the net again from the run folder alone, load its weights, try it on the test split."""
    return evaluate_all([run], data_dir, watch, views, best=best)[0]


def evaluate_all(
    runs: Sequence[Path],
    data_dir: Path | None = None,
    watch: Watch | None = None,
    views: Views | None = None,
    ensemble: bool = False,
    best: bool = False,
) -> list[EvalResult]:
    """A result for each run; with `ensemble` another, that of the mean of their probabilities.

    `best` takes the weights of each run's best epoch in place of the last one's.
    Errors: NET591 for runs on different data in an ensemble
    """
    watch, views = watch or Silent(), views or Views()
    opened = [open_run(run, best) for run in runs]
    if ensemble:
        _check_same_data(opened)
    results: list[EvalResult] = []
    total: Tensor | None = None
    loaded: dict[str, Dataset] = {}
    for trained in opened:
        plain = trained.data.removesuffix(datasets.AUGMENTED)
        data = loaded.get(plain) or datasets.load(plain, data_dir, watch.say, watch.meter)
        loaded[plain] = data
        logs = log_probabilities(trained, data.test_images, views, Engine(), watch)
        results.append(_result(str(trained.run), trained.network.name, trained.data, logs, data, views))
        if ensemble:
            total = logs if total is None else torch.logaddexp(total, logs)
    if total is not None:
        mean = total - torch.tensor(float(len(opened))).log()
        names = ", ".join(dict.fromkeys(trained.network.name for trained in opened))
        results.append(_result(MEAN.format(len(opened)), names, opened[0].data, mean, data, views))
    return results


def _result(run: str, net: str, name: str, logs: Tensor, data: Dataset, views: Views) -> EvalResult:
    found = answers(logs, data.test_labels.to(logs.device), data.class_names)
    if not isfinite(found.loss):
        fail(
            "NET540",
            f"the loss on the test images of {name} is not a number",
            expected="a finite loss",
            found=f"{found.loss}",
            note="the weights have diverged: train again with a lower learning rate",
        )
    return EvalResult(run, net, name, "test", found, views)


def draw_confusion(results: Iterable[EvalResult], path: Path | None = None) -> list[Path]:
    """The picture of each result in its run folder, or of one at `path`; the mean of runs needs a path."""
    from netdsl.tasks.confusion import save_confusion  # here: matplotlib takes a while to load

    drawn = []
    for result in results:
        place = path or Path(result.run) / CONFUSION
        title = f"{result.net} on {result.data}: {result.error:.2%} of {result.images:,} wrong"
        with whole(place) as beside:
            save_confusion(result.answers, title, beside)
        drawn.append(place)
    return drawn


def _check_same_data(opened: Sequence[Trained]) -> None:
    names = [trained.data.removesuffix(datasets.AUGMENTED) for trained in opened]
    other = next((n for n, name in enumerate(names) if name != names[0]), None)
    if other is not None:
        fail(
            "NET591",
            "runs on different data have no mean",
            expected=f"{names[0]}, the data of `{opened[0].run}`",
            found=f"{names[other]}, that of `{opened[other].run}`",
        )

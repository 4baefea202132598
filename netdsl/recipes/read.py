"""Reads a recipe, as the `.net` file has it, into a Method; every mistake in it is reported at its line."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from netdsl.diagnostics import Diagnostic, DiagnosticsError
from netdsl.ir.network import Recipe
from netdsl.recipes.arguments import (
    UnusableError,
    count,
    items,
    not_negative,
    number,
    positive_number,
    read_call,
    truth,
    unknown,
    word,
    wrong,
)
from netdsl.recipes.augmentations import Augmentation, Mixup, read_augmentation
from netdsl.recipes.inits import INITS, Init
from netdsl.recipes.losses import LABEL, LOSSES, STYLE, TARGETS, CrossEntropy, Loss, loss_word, targets_of
from netdsl.recipes.method import Method
from netdsl.recipes.optimizers import OPTIMIZERS
from netdsl.recipes.parts import read_freeze, read_lr_scale
from netdsl.recipes.schedules import SCHEDULES, Schedule, Step, read_step

TAKES = {"mse": "any numbers", "l1": "any numbers", "perceptual": "a picture and its style"}
"""What a loss compares, where it is not the scores of classes with a label."""


def method_from(*recipes: Recipe | None) -> Method:
    """The last recipe's settings, then those before it; what all leave out is as in `Method()`.

    Errors: DiagnosticsError with all that cannot be used
    """
    read: dict[str, Any] = {}
    wrong: list[Diagnostic] = []
    for recipe in filter(None, recipes):
        found, problems = read_settings(recipe)
        read |= found
        wrong += problems
    wrong += together(read, *filter(None, recipes)) if not wrong else ()
    if wrong:
        raise DiagnosticsError(wrong)
    return Method(**read)


def read_settings(recipe: Recipe) -> tuple[dict[str, Any], list[Diagnostic]]:
    """What can be read of a recipe, in the fields of a Method, and what is wrong with the rest."""
    read: dict[str, Any] = {}
    wrong: list[Diagnostic] = []
    for name, value in recipe.settings.items():
        try:
            if name not in SETTINGS:
                unknown("NET530", f"there is no setting `{name}`", name, SETTINGS)
            read[name] = SETTINGS[name](name, value)
        except UnusableError as error:
            code, message, expected, found, note = error.args
            span = recipe.spans.get(name)
            where = "" if span else f" (recipe `{recipe.name}`)"
            wrong.append(Diagnostic(code, message + where, span, expected=expected, found=found, note=note))
    return read, wrong


def together(read: Mapping[str, Any], *recipes: Recipe) -> Iterator[Diagnostic]:
    """Reports NET533 for settings that are right one by one and cannot stand beside each other."""
    loss, target = read.get("loss", CrossEntropy()), read.get("target", LABEL)
    word, places = loss_word(loss), {name: r.spans[name] for r in recipes for name in r.spans}
    if target not in targets_of(word):
        yield Diagnostic(
            "NET533",
            f"`loss = {word}` cannot compare an output with `target = {target}`",
            places.get("target"),
            expected=_loss_for(target, word),
            found=f"{word}, which takes {TAKES.get(word, 'scores of classes and a label')}",
        )
    if read.get("label_smoothing") and word != "cross_entropy":
        yield Diagnostic(
            "NET533",
            f"`label_smoothing` cannot be had with `loss = {word}`",
            places.get("label_smoothing"),
            expected="`loss = cross_entropy`, or `label_smoothing = 0`",
            found=f"loss = {word}, label_smoothing = {read['label_smoothing']:g}",
        )


def _loss_for(target: str, word: str) -> str:
    if target == STYLE:
        return f"`loss = perceptual` for this target, or `target = {targets_of(word)[0]}`"
    return f"`loss = mse` or `loss = l1` for this target, or `target = {targets_of(word)[0]}`"


def _optimizer(name: str, value: Any) -> Any:
    return read_call(name, value, OPTIMIZERS)


def _schedule(name: str, value: Any) -> Schedule:
    read: Schedule = read_call(name, value, SCHEDULES)
    return read_step(read) if isinstance(read, Step) else read


def _init(name: str, value: Any) -> Init:
    read: Init = read_call(name, value, INITS)
    return read


def _loss(name: str, value: Any) -> Loss:
    read: Loss = read_call(name, value, LOSSES)
    return read


def _target(name: str, value: Any) -> str:
    return word(name, value, (*TARGETS, STYLE))


def _normalize(name: str, value: Any) -> str:
    return word(name, value, ("channel", "gcn", "zca", "imagenet", "vgg", "none"))


def _augment(name: str, value: Any) -> tuple[Augmentation, ...]:
    steps = tuple(read_augmentation(name, step) for step in items(value))
    if any(isinstance(step, Mixup) for step in steps[:-1]):
        wrong(name, "`mixup` at most once and last in the list: it mixes what the other steps have made", value)
    return steps


def _classes(name: str, value: Any) -> str | None:
    read = word(name, value, ("imagenet", "none"))
    return None if read == "none" else read


def _share(name: str, value: Any) -> float:
    return number(name, value, "0 or more, below 1", lambda n: 0 <= n < 1)


def _or_none(read: Callable[[str, Any], float]) -> Callable[[str, Any], float | None]:
    """`none` takes back what a recipe that is extended says."""
    return lambda name, value: None if value == "none" else read(name, value)


SETTINGS: Mapping[str, Callable[[str, Any], Any]] = {
    "optimizer": _optimizer,
    "loss": _loss,
    "target": _target,
    "weight_decay": not_negative,
    "l1_penalty": not_negative,
    "decay_norms": truth,
    "batch": count,
    "epochs": count,
    "passes": count,
    "schedule": _schedule,
    "warmup": not_negative,
    "normalize": _normalize,
    "init": _init,
    "augment": _augment,
    "resize": _or_none(count),
    "crop": _or_none(count),
    "classes": _classes,
    "label_smoothing": _share,
    "clip_gradient": _or_none(positive_number),
    "ema": _or_none(_share),
    "recompute_norms": truth,
    "freeze": read_freeze,
    "lr_scale": read_lr_scale,
    "early_stop": _or_none(count),
    "sync_norms": truth,
    "accumulate": count,
}

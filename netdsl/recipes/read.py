"""Reads a recipe, as the `.net` file has it, into a Method; every mistake in it is reported at its line."""

from collections.abc import Callable, Mapping
from typing import Any

from netdsl.diagnostics import Diagnostic, DiagnosticsError
from netdsl.ir.network import Recipe
from netdsl.recipes.arguments import (
    UnusableError,
    call,
    count,
    items,
    not_negative,
    number,
    positive_number,
    read_call,
    truth,
    unknown,
    word,
)
from netdsl.recipes.augmentations import Augmentation, read_augmentation
from netdsl.recipes.method import Gaussian, Init, Method
from netdsl.recipes.optimizers import OPTIMIZERS
from netdsl.recipes.schedules import SCHEDULES, Schedule, Step, read_step

INITS = {"he": (), "gaussian": Gaussian._names, "torch": ()}


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


def _optimizer(name: str, value: Any) -> Any:
    return read_call(name, value, OPTIMIZERS)


def _schedule(name: str, value: Any) -> Schedule:
    read: Schedule = read_call(name, value, SCHEDULES)
    return read_step(read) if isinstance(read, Step) else read


def _init(name: str, value: Any) -> Init:
    chosen, _ = call(name, value, INITS)
    if chosen == "gaussian":
        return Init("gaussian", read_call(name, value, {"gaussian": Gaussian}).std)
    return Init("torch" if chosen == "torch" else "he")


def _normalize(name: str, value: Any) -> str:
    return word(name, value, ("channel", "gcn", "zca", "none"))


def _augment(name: str, value: Any) -> tuple[Augmentation, ...]:
    return tuple(read_augmentation(name, step) for step in items(value))


def _share(name: str, value: Any) -> float:
    return number(name, value, "0 or more, below 1", lambda n: 0 <= n < 1)


def _or_none(read: Callable[[str, Any], float]) -> Callable[[str, Any], float | None]:
    """`none` takes back what a recipe that is extended says."""
    return lambda name, value: None if value == "none" else read(name, value)


SETTINGS: Mapping[str, Callable[[str, Any], Any]] = {
    "optimizer": _optimizer,
    "weight_decay": not_negative,
    "decay_norms": truth,
    "batch": count,
    "epochs": count,
    "schedule": _schedule,
    "warmup": not_negative,
    "normalize": _normalize,
    "init": _init,
    "augment": _augment,
    "label_smoothing": _share,
    "clip_gradient": _or_none(positive_number),
    "ema": _or_none(_share),
    "early_stop": _or_none(count),
    "sync_norms": truth,
    "accumulate": count,
}

"""Reads a recipe, as the `.net` file has it, into a Method; every mistake in it is reported at its line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Literal, cast

from netdsl.diagnostics import Diagnostic, DiagnosticsError
from netdsl.ir.network import Call, Recipe
from netdsl.layers.attributes import nearest
from netdsl.tasks.method import AUGMENTATIONS, Augmentation, Cutout, Flip, Init, Method, PadCrop, Sgd, Step

Range = Callable[[float], bool]


class UnusableError(Exception):
    """A value that cannot be used: code, message, expected, found, note."""


def method_from(recipe: Recipe | None) -> Method:
    """The recipe's settings; what it leaves out is as in `Method()`."""
    if recipe is None:
        return Method()
    read: dict[str, Any] = {}
    wrong: list[Diagnostic] = []
    for name, value in recipe.settings.items():
        try:
            if name not in SETTINGS:
                _unknown("NET530", "setting", name, SETTINGS)
            read[name] = SETTINGS[name](name, value)
        except UnusableError as error:
            code, message, expected, found, note = error.args
            span = recipe.spans.get(name)
            where = "" if span else f" (recipe `{recipe.name}`)"
            wrong.append(Diagnostic(code, message + where, span, expected=expected, found=found, note=note))
    if wrong:
        raise DiagnosticsError(wrong)
    return Method(**read)


def _optimizer(name: str, value: Any) -> Sgd:
    _, given = _call(name, value, {"sgd": ("lr", "momentum", "nesterov")})
    default = Sgd()
    return Sgd(
        lr=_number("lr", given.get("lr", default.lr), "a number above 0", lambda n: n > 0),
        momentum=_number(
            "momentum", given.get("momentum", default.momentum), "0 or more, below 1", lambda n: 0 <= n < 1
        ),
        nesterov=_truth("nesterov", given.get("nesterov", default.nesterov)),
    )


def _schedule(name: str, value: Any) -> Step:
    word, given = _call(name, value, {"step": ("at", "factor"), "constant": ()})
    if word == "constant":
        return Step((), ())
    shares = "rising shares of the run, each above 0 and below 1, such as [50%, 75%]"
    at = [_number("at", share, shares, lambda n: 0 < n < 1) for share in _list(given.get("at", Step().at))]
    if not at or at != sorted(set(at)):
        _wrong("at", shares, given.get("at"))
    positive = "a number above 0, or one for each share"
    factors = [_number("factor", f, positive, lambda n: n > 0) for f in _list(given.get("factor", 0.1))]
    if len(factors) == 1:
        factors *= len(at)
    if len(factors) != len(at):
        _wrong("factor", f"one number, or {len(at)} of them as in `at`", given.get("factor"))
    return Step(tuple(at), tuple(factors))


def _init(name: str, value: Any) -> Init:
    word, given = _call(name, value, {"he": (), "gaussian": ("std",), "torch": ()})
    if word != "gaussian":
        return Init(cast(Literal["he", "torch"], word))
    return Init("gaussian", _number("std", given.get("std", 0.05), "a number above 0", lambda n: n > 0))


def _normalize(name: str, value: Any) -> str:
    return _call(name, value, {"channel": (), "gcn": (), "zca": (), "none": ()})[0]


def _augment(name: str, value: Any) -> tuple[Augmentation, ...]:
    return tuple(_augmentation(name, step) for step in _list(value))


def _augmentation(name: str, value: Any) -> Augmentation:
    known = {word: tuple(field.name for field in fields(kind)) for word, kind in AUGMENTATIONS.items()}
    word, given = _call(name, value, known)
    if word == "flip":
        return Flip(_number("p", given.get("p", Flip().p), "a share of the images, 0 to 1", lambda n: 0 <= n <= 1))
    (pixels,) = known[word]
    if pixels not in given:
        _wrong(name, f"`{_signature(word, known)}`, in pixels", value)
    count = _count(pixels, given[pixels])
    return PadCrop(count) if word == "pad_crop" else Cutout(count)


def _weight_decay(name: str, value: Any) -> float:
    return _number(name, value, "a number, 0 or more", lambda n: n >= 0)


def _count(name: str, value: Any) -> int:
    number = _number(name, value, "a whole number from 1 on", lambda n: n >= 1 and n == int(n))
    return int(number)


SETTINGS: Mapping[str, Callable[[str, Any], Any]] = {
    "optimizer": _optimizer,
    "weight_decay": _weight_decay,
    "batch": _count,
    "epochs": _count,
    "schedule": _schedule,
    "normalize": _normalize,
    "init": _init,
    "augment": _augment,
}


def _call(setting: str, value: Any, known: Mapping[str, Sequence[str]]) -> tuple[str, dict[str, Any]]:
    """The word and its arguments by name, from `word` or `word(...)`."""
    if isinstance(value, str):
        value = Call(value)
    if not isinstance(value, Call):
        _wrong(setting, " or ".join(f"`{_signature(word, known)}`" for word in known), value)
    if value.name not in known:
        _unknown("NET531", f"`{setting}`", value.name, known)
    names = known[value.name]
    if len(value.args) > len(names):
        _wrong(setting, f"`{_signature(value.name, known)}`", value)
    given = dict(zip(names, value.args, strict=False))
    for name, argument in value.kwargs.items():
        if name not in names:
            _unknown("NET531", f"argument of `{value.name}`", name, names)
        if name in given:
            raise UnusableError("NET531", f"`{name}` is given twice", "each argument once", str(value), "")
        given[name] = argument
    return value.name, given


def _signature(word: str, known: Mapping[str, Sequence[str]]) -> str:
    return f"{word}({', '.join(known[word])})" if known[word] else word


def _number(name: str, value: Any, expected: str, fits: Range) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not fits(value):
        _wrong(name, expected, value)
    return cast(float, value)


def _truth(name: str, value: Any) -> bool:
    truth = {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
    if not isinstance(truth, bool):
        _wrong(name, "true or false", value)
    return cast(bool, truth)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _wrong(name: str, expected: str, value: Any) -> None:
    raise UnusableError("NET532", f"`{name}` cannot be {_shown(value)}", expected, _shown(value), "")


def _unknown(code: str, what: str, name: str, known: Mapping[str, Any] | Sequence[str]) -> None:
    close = nearest(name, known)
    listed = ", ".join(known) or "nothing"
    message = f"there is no {what} `{name}`" if what[0] != "`" else f"{what} cannot be `{name}`"
    raise UnusableError(code, message, f"one of: {listed}", name, f"did you mean `{close}`?" if close else "")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(map(_shown, value))}]" if isinstance(value, list | tuple) else str(value)

"""Curves of a run as points of a drawing, epoch by epoch, for inline SVG."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from netdsl.tasks.runs.metrics import Epoch

WIDTH, HEIGHT = 360, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 10, 26
"""Pixels of the drawing around the curves: numbers stand there."""
TICKS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """`name` is train, test or valid; `points` are those of an SVG polyline."""

    name: str
    points: str
    last: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines with the numbers at their axes, each with its place in pixels of the drawing."""

    title: str
    lines: tuple[Line, ...]
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]


def charts(epochs: Sequence[Epoch]) -> list[Chart]:
    """Loss, error where there are classes, and learning rate."""
    percent: Callable[[float], str] = lambda value: f"{value * 100:.3g} %"  # noqa: E731
    made = [_chart("loss", epochs, {s: [getattr(e, f"{s}_loss") for e in epochs] for s in ("train", "valid", "test")})]
    if epochs[-1].test_error is not None:
        errors = {s: [getattr(e, f"{s}_error") for e in epochs] for s in ("train", "valid", "test")}
        made.append(_chart("error", epochs, errors, percent))
    made.append(_chart("learning rate", epochs, {"rate": [e.lr for e in epochs]}, stairs=True))
    return made


def _chart(
    title: str,
    epochs: Sequence[Epoch],
    values: dict[str, list[float | None]],
    text: Callable[[float], str] = lambda value: f"{value:.3g}",
    stairs: bool = False,
) -> Chart:
    """`stairs`: a value holds for all of its epoch, and the next one's begins between them."""
    values = {name: [v if v is not None and isfinite(v) else None for v in line] for name, line in values.items()}
    known = {name: [v for v in line if v is not None] for name, line in values.items()}
    most = max((max(line) for line in known.values() if line), default=0.0) or 1.0
    step = nice(most / TICKS)
    top = step * ceil(most / step - 1e-9)
    first, last = epochs[0].epoch, epochs[-1].epoch

    def x(epoch: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * ((epoch - first) / (last - first) if last > first else 0.5)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top

    lines = []
    for name, line in values.items():
        wide = (-0.5, 0.5) if stairs else (0,)
        points = [
            (x(min(max(e.epoch + by, first), last)), y(v))
            for e, v in zip(epochs, line, strict=True)
            if v is not None
            for by in wide
        ]
        if points:
            lines.append(Line(name, " ".join(f"{a:.1f},{b:.1f}" for a, b in points), text(known[name][-1])))
    apart = max(1, ceil((last - first) / TICKS)) if last > first else 1
    across = tuple((x(n), f"{n}") for n in range(first, last + 1, apart))
    up = tuple((y(n * step), text(n * step)) for n in range(round(top / step) + 1))
    return Chart(title, tuple(lines), across, up)


def nice(step: float) -> float:
    """The next of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** floor(log10(step))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= step * (1 - 1e-9))

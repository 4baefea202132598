"""What a sweep has come to: a row for each form of the net, its seeds taken together."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import mean, stdev

from netdsl.tasks.experiments.sweep import Point


@dataclass(frozen=True, slots=True)
class SweepRow:
    """One form of the net. Errors are fractions of the test images, after the last epoch of complete runs."""

    net: str
    depth: int
    place: tuple[tuple[str, str], ...]
    params: int
    errors: tuple[float, ...]
    """One for each complete run, in the order of the seeds."""
    runs: int
    """Wanted, complete or not."""
    epochs_done: int
    """Of all its runs together."""
    epochs_wanted: int

    @property
    def error(self) -> float | None:
        """The mean."""
        return mean(self.errors) if self.errors else None

    @property
    def deviation(self) -> float | None:
        """Standard deviation of a sample, from two runs on."""
        return stdev(self.errors) if len(self.errors) > 1 else None

    @property
    def network(self) -> str:
        """As a table in a paper names it: `resnet-20 (n = 3)`."""
        settings = ", ".join(f"{name} = {value}" for name, value in self.place)
        return f"{self.net}-{self.depth}" + (f" ({settings})" if settings else "")


def table(points: Sequence[Point]) -> list[SweepRow]:
    """From what stands in the run folders now. Errors: NET553, NET592 for a damaged one"""
    return [_row(list(group)) for _, group in groupby(points, key=lambda point: point.place)]


def _row(points: list[Point]) -> SweepRow:
    past = [(point, run) for point in points if (run := point.read()) is not None]
    last = [run.last for point, run in past if point.complete and run.last is not None]
    errors = [error for epoch in last if (error := epoch.test_error) is not None]
    first = points[0]
    return SweepRow(
        net=first.net,
        depth=first.depth,
        place=first.place,
        params=first.params,
        errors=tuple(errors),
        runs=len(points),
        epochs_done=sum(len(run.epochs) for _, run in past),
        epochs_wanted=sum(point.wanted for point in points),
    )

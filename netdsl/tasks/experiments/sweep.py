"""`netdsl sweep`: one net trained in many forms, each in a folder of its own, going on where it was stopped."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from netdsl import data as datasets
from netdsl.diagnostics import DiagnosticsError, fail
from netdsl.tasks.runs.past_runs import PastRun
from netdsl.tasks.runs.run_folder import CONFIG, RESULT, whole
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.plan import plan as train_plan
from netdsl.tasks.setup.watch import Watch
from netdsl.tasks.training.train import train

SWEEPS = Path("sweeps")
PLAN = "sweep.yaml"
RECIPE = "recipe."
"""How names in a grid begin that are lines of the recipe; the others are parameters of the net."""
RATE = RECIPE + "lr"
"""The first learning rate, which in a recipe is an argument of the optimizer."""
LONGEST_NAME = 80
BUSY = "NET556"
Grid = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Point:
    """One run of a sweep: where it is in the grid, its seed, and what is asked of `train`."""

    place: tuple[tuple[str, str], ...]
    """Name and value of each axis of the grid."""
    seed: int | None
    config: TrainConfig
    net: str
    depth: int
    params: int
    wanted: int
    """Epochs."""

    @property
    def path(self) -> Path:
        assert self.config.out is not None
        return self.config.out

    @property
    def label(self) -> str:
        parts = [f"{name}={value}" for name, value in self.place]
        return ", ".join([*parts, *([f"seed {self.seed}"] if self.seed is not None else [])])

    @property
    def complete(self) -> bool:
        return (self.path / RESULT).is_file()

    @property
    def begun(self) -> bool:
        return (self.path / CONFIG).is_file()

    def read(self) -> PastRun | None:
        return PastRun.read(self.path) if self.begun else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a point. `trouble` is None where it is complete."""

    point: Point
    trouble: DiagnosticsError | None = None

    @property
    def busy(self) -> bool:
        """Is another process at it?"""
        return self.trouble is not None and [d.code for d in self.trouble.diagnostics] == [BUSY]


def plan(base: TrainConfig, grid: Grid, seeds: Sequence[int], out: Path | None) -> list[Point]:
    """Every point, the last axis fastest, then the seeds.

    Every net is compiled and every recipe read, so that what is wrong is reported before anything is trained.
    Errors: those of the net and the recipe; NET595 for a folder with another sweep
    """
    if base.net is None or base.data is None:
        raise TypeError("a sweep needs a net and the name of a data set")
    points: list[Point] = []
    each_seed: Sequence[int | None] = seeds or [None]
    folder = out
    for values in product(*grid.values()):
        place = tuple(zip(grid, values, strict=True))
        config = _at(base, place)
        planned = train_plan(config)
        network, epochs = planned.network, planned.method.epochs
        folder = folder or SWEEPS / f"{network.name}-{datasets.stem(base.data)}"
        for seed in each_seed:
            asked = replace(config, seed=base.seed if seed is None else seed)
            made = Point(place, seed, asked, network.name, network.depth, network.params, epochs)
            points.append(replace(made, config=replace(asked, out=folder / folder_name(place, seed))))
    assert folder is not None
    _check_same(base, folder)
    return points


def keep_plan(base: TrainConfig, points: Sequence[Point]) -> None:
    """What all points share, in the sweep's folder, so that no other sweep is mixed with this one."""
    text = yaml.safe_dump(_shared(base), sort_keys=False, allow_unicode=True)
    with whole(points[0].path.parent / PLAN, make_folder=True) as beside:
        beside.write_text(text, encoding="utf-8")


def run(points: Sequence[Point], watching: Callable[[Point], AbstractContextManager[Watch]]) -> Iterator[Outcome]:
    """Train what is not complete, one after the other, and go on with what was stopped.

    A point that fails does not stop the others, nor does one that another process is training.
    """
    for point in points:
        if point.complete:
            yield Outcome(point)
            continue
        config = point.config
        if point.begun:
            config = TrainConfig(resume=point.path, data_dir=config.data_dir, save_every=config.save_every)
        try:
            with watching(point) as watch:
                train(config, watch)
        except DiagnosticsError as error:
            yield Outcome(point, error)
        else:
            yield Outcome(point)


def shard(points: Sequence[Point], number: int, of: int) -> list[Point]:
    """Every so manieth point from the `number`-th on, from 1: shards are of nearly equal length and share none."""
    return list(points[number - 1 :: of])


def folder_name(place: Sequence[tuple[str, str]], seed: int | None) -> str:
    """`n=3_seed=0`: the same each time, and for no two points of a sweep."""
    values = [*place, *([("seed", str(seed))] if seed is not None else [])]
    text = "_".join(f"{name}={value}" for name, value in values) or "run"
    if len(text) <= LONGEST_NAME and all(re.fullmatch(r"[A-Za-z0-9.+-]+", value) for _, value in values):
        return text
    plain = re.sub(r"[^\w.=+-]+", "-", text)[:LONGEST_NAME].strip("-.")
    return f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _at(base: TrainConfig, place: Sequence[tuple[str, str]]) -> TrainConfig:
    settings, lines, lr = dict(base.settings), dict(base.set_recipe), base.lr
    for name, value in place:
        if name == RATE:
            lr = _rate(value)
        elif name.startswith(RECIPE):
            lines[name.removeprefix(RECIPE)] = value
        else:
            settings[name] = value
    return replace(base, settings=settings, set_recipe=lines, lr=lr)


def _rate(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        fail("NET527", f"`{RATE}` is out of range", expected="a learning rate above 0", found=text)


def _shared(base: TrainConfig) -> dict[str, Any]:
    shared = asdict(base)
    for name in ("out", "data_dir", "save_every", "resume", "config", "seed", "device"):
        shared.pop(name, None)
    said = {name: value for name, value in shared.items() if value}
    read: dict[str, Any] = yaml.safe_load(yaml.safe_dump(said, sort_keys=False))
    return read  # as it will be read again, with lists for tuples


def _check_same(base: TrainConfig, folder: Path) -> None:
    path = folder / PLAN
    if not path.is_file():
        return
    try:
        kept = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        fail(
            "NET595",
            f"`{path}` cannot be read",
            expected="what the sweep's runs share",
            found=" ".join(str(error).split()),
        )
    asked = _shared(base)
    if kept != asked:
        kept = kept if isinstance(kept, dict) else {}
        names = [name for name in {**kept, **asked} if kept.get(name) != asked.get(name)]
        fail(
            "NET595",
            f"`{folder}` holds another sweep",
            expected=", ".join(f"{name} {kept.get(name, 'left out')}" for name in names),
            found=", ".join(f"{name} {asked.get(name, 'left out')}" for name in names),
            note="name another folder with --out; in this one the grid can grow, but what its runs share cannot change",
        )

"""`netdsl transfer`: how well features go over to other classes, layer by layer.

Two nets are trained, on the classes A and on the classes B. Then, for each place n, the layers up to it begin with the
weights of one of them and the rest anew, and the whole is trained on B: BnB with B's own weights (selffer), AnB with
A's (transfer); what was taken stays as it is, or, with a plus, is trained on.
Source: Yosinski et al. 2014, arXiv:1411.1792, section 2 and figure 2
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import yaml

from netdsl.diagnostics import fail
from netdsl.ir.network import Network
from netdsl.ir.parts import upstream, weighted
from netdsl.passes.typed_recipe import typed_recipe
from netdsl.recipes.losses import LABEL
from netdsl.recipes.method import Method
from netdsl.tasks.evaluation.evaluate import no_classes
from netdsl.tasks.experiments.halves import Halves, halves
from netdsl.tasks.experiments.treatments import BASE_A, BASE_B, TREATMENTS, TransferRow, TransferRun
from netdsl.tasks.learning.objective import outputs_of
from netdsl.tasks.learning.parts import check_parts
from netdsl.tasks.runs.past_runs import PastRun
from netdsl.tasks.runs.run_folder import CONFIG, RUNS, whole
from netdsl.tasks.setup.choice import Choice
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.plan import compiled, method_for
from netdsl.tasks.setup.watch import Watch
from netdsl.tasks.training.train import train

COMPARED = "be compared by how many are wrong"
PLAN, PICTURE = "transfer.yaml", "transfer.png"


@dataclass(frozen=True, slots=True)
class Experiment:
    """All runs, the bases first."""

    folder: Path
    net: str
    data: str
    halves: Halves
    places: tuple[str, ...]
    runs: tuple[TransferRun, ...]


def plan(base: TrainConfig, split: str, at: Sequence[str], out: Path | None = None) -> Experiment:
    """Every run, checked before any is trained. Without `at`: all tags that are not within another.

    Errors: those of the net, NET209 unknown places, NET543 one behind all weights, NET574 a folder with something else,
    NET575 halves that are none, NET597 a net that gives no classes
    """
    if base.net is None or base.data is None:
        raise TypeError("the experiment needs a net and the name of a data set")
    seed = base.seed or 0
    parts = halves(base.data, split, seed)
    _, network, recipe = compiled(base, Choice.asked(base).image)
    outputs = outputs_of(network, method_for(base, recipe, typed_recipe(base.set_recipe)))
    if all(output.target != LABEL for output in outputs):
        no_classes(network.name, COMPARED)
    places = _places(network, at)
    folder = out or RUNS / f"transfer-{network.name}-{base.data}-{_plain(split)}"
    shared = replace(base, replace_head=True)
    a = replace(shared, classes=parts.a, out=folder / BASE_A)
    b = replace(shared, classes=parts.b, out=folder / BASE_B)
    runs = [TransferRun(BASE_A, None, a), TransferRun(BASE_B, None, b)]
    for place in places:
        for treatment, (source, frozen) in TREATMENTS.items():
            # Another seed than the bases': with theirs the upper layers would begin as those of the base did.
            config = replace(b, init_from=folder / source, init_to=place, seed=seed + 1)
            config = replace(config, freeze_to=place if frozen else None, out=folder / f"{treatment}-{place}")
            runs.append(TransferRun(treatment, place, config))
    experiment = Experiment(folder, network.name, base.data, parts, tuple(places), tuple(runs))
    _check_same(folder, _asked(base, parts))
    return experiment


def keep_plan(base: TrainConfig, experiment: Experiment) -> None:
    """What all runs share, in the experiment's folder, so that no other is mixed with it."""
    text = yaml.safe_dump(_asked(base, experiment.halves), sort_keys=False, allow_unicode=True)
    with whole(experiment.folder / PLAN, make_folder=True) as beside:
        beside.write_text(text, encoding="utf-8")


def carry_out(
    experiment: Experiment, watching: Callable[[TransferRun], AbstractContextManager[Watch]]
) -> Iterator[TransferRow]:
    """Train what is not complete, and go on with what was stopped."""
    for run in experiment.runs:
        if not run.complete:
            config = run.config
            if (run.path / CONFIG).is_file():
                config = TrainConfig(resume=run.path, data_dir=config.data_dir)
            with watching(run) as watch:
                train(config, watch)
        yield _row(run)


def draw(experiment: Experiment, rows: Sequence[TransferRow]) -> Path:
    """The picture, in the experiment's folder."""
    from netdsl.tasks.experiments.transfer_picture import save_transfer  # here: matplotlib takes a while to load

    path = experiment.folder / PICTURE
    a, b = (", ".join(names) for names in (experiment.halves.a, experiment.halves.b))
    with whole(path) as beside:
        save_transfer(rows, experiment.places, f"{experiment.net} on {experiment.data}\nA: {a}\nB: {b}", beside)
    return path


def _row(run: TransferRun) -> TransferRow:
    past = PastRun.read(run.path)
    if past.last is None or past.last.test_error is None:
        no_classes(past.net, COMPARED)
    return TransferRow(run.treatment, run.at, str(run.path), past.last.epoch, past.last.test_error)


def _places(network: Network, at: Sequence[str]) -> list[str]:
    if at:
        places = list(dict.fromkeys(name.removeprefix("@") for name in at))
        for place in places:
            check_parts(network, Method(freeze=place))
        return places
    every = set(weighted(network, range(len(network.nodes))))
    found = []
    for name, tag in network.tags.items():
        below = every & upstream(network, tag.node)
        if "." not in name and below and below < every:
            found.append(name)
    if not found:
        fail(
            "NET209",
            f"`{network.name}` has no tags between its layers",
            expected="places to cut the net at, with --at: tags, or layers' names as in the summary",
            found="no --at",
        )
    return found


def _plain(split: str) -> str:
    return split.replace("/", "-to-").replace(",", "+")


def _asked(base: TrainConfig, parts: Halves) -> dict[str, Any]:
    """Not the places, of which more can come, nor where files are."""
    return {
        "net": base.net,
        "data": base.data,
        "a": list(parts.a),
        "b": list(parts.b),
        "settings": {name: str(value) for name, value in base.settings.items()},
        "with": base.with_rules,
        "set_recipe": dict(base.set_recipe),
        "epochs": base.epochs,
        "batch": base.batch,
        "lr": base.lr,
        "seed": base.seed or 0,
        "subset": base.subset,
        "deterministic": bool(base.deterministic),
    }


def _check_same(folder: Path, asked: Mapping[str, Any]) -> None:
    path = folder / PLAN
    if not path.is_file():
        if folder.is_dir() and any(folder.iterdir()):
            _other(folder, f"an empty folder, or one with {PLAN}", "other files")
        return
    try:
        kept = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        _other(folder, f"{PLAN} as it was written", " ".join(str(error).split()))
    kept = kept if isinstance(kept, dict) else {}
    names = [name for name in asked if kept.get(name) != asked[name]]
    if names:
        expected, found = (", ".join(f"{n} {values.get(n)}" for n in names) for values in (kept, asked))
        _other(folder, expected, found)


def _other(folder: Path, expected: str, found: str) -> NoReturn:
    message = f"`{folder}` holds something else than this experiment"
    fail("NET574", message, expected=expected, found=found, note="name another folder with --out")

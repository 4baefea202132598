"""`netdsl curves`: run folders in, one picture out."""

from collections.abc import Sequence
from pathlib import Path

from netdsl.diagnostics import fail
from netdsl.tasks.runs.past_runs import PastRun
from netdsl.tasks.runs.run_folder import METRICS, whole


def draw(runs: Sequence[Path], path: Path) -> None:
    """Each run under the shortest end of its path that no other has.

    Errors: NET552, NET553, NET592 for what is no run; NET593 for one without a complete epoch; NET551
    """
    past = [PastRun.read(run) for run in runs]
    for run in past:
        if not run.epochs:
            fail(
                "NET593",
                f"`{run.path}` has no complete epoch",
                expected=f"a line in {METRICS}",
                found="its head only",
                note="wait for the first epoch, or leave the run out",
            )
    from netdsl.tasks.runs.curves import save_comparison  # here: matplotlib takes a while to load

    with whole(path) as beside:
        save_comparison(dict(zip(short_names(runs), (run.epochs for run in past), strict=True)), beside)


def short_names(runs: Sequence[Path]) -> list[str]:
    """`runs/a` and `runs/b` as `a` and `b`; a folder named twice is numbered."""
    parts = [run.resolve().parts for run in runs]
    deepest = max(map(len, parts))
    depth = next((n for n in range(1, deepest + 1) if len({p[-n:] for p in parts}) == len(set(parts))), deepest)
    names: list[str] = []
    for each in parts:
        name = "/".join(each[-depth:])
        again = sum(other == name or other.startswith(f"{name} #") for other in names)
        names.append(f"{name} #{again + 1}" if again else name)
    return names

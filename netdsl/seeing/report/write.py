"""`netdsl report`: the page written, whole or not at all."""

from dataclasses import dataclass
from pathlib import Path

from netdsl.seeing.report.contents import SHOWN, Contents, collect
from netdsl.seeing.report.page import html
from netdsl.seeing.written import check_new
from netdsl.tasks.runs.run_folder import whole
from netdsl.tasks.setup.watch import Silent, Watch

PAGE = "report.html"
"""In the run's folder, where no other place is asked for: there it is ours and is written anew."""


@dataclass(frozen=True, slots=True)
class Written:
    path: Path
    contents: Contents


def write_report(
    run: Path,
    out: Path | None = None,
    data_dir: Path | None = None,
    best: bool = False,
    count: int = SHOWN,
    with_data: bool = True,
    force: bool = False,
    watch: Watch | None = None,
) -> Written:
    """Errors: those of `collect`, NET638 for a file of the user's, NET551 for what the system refuses"""
    path = run / PAGE if out is None else out
    check_new([] if out is None else [path], force)
    contents = collect(run, watch or Silent(), data_dir, best, count, with_data)
    text = html(contents)
    with whole(path, make_folder=True) as beside:
        beside.write_text(text, encoding="utf-8")
    return Written(path, contents)

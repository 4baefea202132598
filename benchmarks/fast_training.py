"""A training step of Table 5.1's net on perceptual losses: the content's pass cut at its layer, and bfloat16.

Against the same step in float32 with the photographs sent through all layers of the loss. `--short` takes fewer rounds
and photographs.
"""

import json
import sys
from statistics import median

from measure import Figure, run, script, show

AIMS = {"fp32": 1.15, "bf16": 1.9}


def figures() -> list[Figure]:
    count, rounds = (2, 3) if "--short" in sys.argv[1:] else (4, 5)
    found = json.loads(run(script("fast_training_steps.py", str(count), str(rounds))).output)
    seconds = found["seconds"]
    made = []
    for form, aim in AIMS.items():
        ratio = median(a / b for a, b in zip(seconds["whole"], seconds[form], strict=True))
        ours, theirs, far = median(seconds[form]), median(seconds["whole"]), found["far"][form]
        made.append(
            Figure(
                f"training Table 5.1's net in {form}, {count} at 256 px, CPU of all loss layers in fp32 against ours",
                f"at least {aim:g} times",
                f"{ratio:.2f} times: {theirs:.2f} s against {ours:.2f} s a step; gradients {far:.1%} apart",
                ratio >= aim,
            )
        )
    return made


if __name__ == "__main__":
    show(figures)

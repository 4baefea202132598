"""CPU seconds from coarse to fine and at the full size alone, to the same total loss: see style_transfer.py.

The full size alone makes as many steps as asked for; the row from coarse to fine stops at the step that comes below the
loss of the last of them. Prints JSON. Arguments: content and style files, longer side in pixels, steps.
"""

import json
import sys
import time
from dataclasses import replace

from netdsl.style.iterative.fit import Step
from netdsl.style.iterative.paint import paint
from netdsl.style.iterative.plan import Plan
from netdsl.style.iterative.settings import Settings, StyleChoice


class ReachedError(Exception):
    pass


class Clock:
    """A `stylize.Watch` that ends painting where the largest size has come below a loss."""

    def __init__(self, goal: float) -> None:
        self.goal = goal
        self.last: Step | None = None
        self.done = 0
        self.seconds = 0.0

    def say(self, message: str) -> None: ...

    def plan(self, plan: Plan) -> None:
        self._largest, self._started = plan.sizes[-1], time.process_time()

    def step(self, done: int, size: int, step: Step) -> None:
        self.last, self.done, self.seconds = step, done, time.process_time() - self._started
        if size == self._largest and step.total <= self.goal:
            raise ReachedError


def main(content: str, style: str, size: int, steps: int) -> None:
    settings = Settings(content=content, styles=(StyleChoice(style),), size=size, steps=steps)
    alone = Clock(0.0)
    paint(replace(settings, coarse=False), alone)
    assert alone.last is not None
    row = Clock(alone.last.total)
    try:
        paint(settings, row)
    except ReachedError:
        reached = True
    else:
        reached = False
    assert row.last is not None
    found = {
        "alone": {"seconds": alone.seconds, "steps": alone.done, "loss": alone.last.total},
        "row": {"seconds": row.seconds, "steps": row.done, "loss": row.last.total, "reached": reached},
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))

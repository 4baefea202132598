"""Training steps of compiled nets, as the trainer computes them, against the same nets as commonly written in torch.

Random 32x32 images, batches of 64, one thread, full steps: forward, loss, backward, Nesterov. Each side is a process of
its own, with the memory allocator as it is used there; they take turns of a step each, so that a busy minute of the
machine meets all alike, and CPU seconds are compared. The ResNets of the other side have post-activation units with
parameterless shortcuts, ours those of nets/resnet.net, which have two projections more.
By hand: `train_speed.py [--short] [--rounds N] [NAME ...]`.
"""

import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Any

from measure import REPOSITORY, Figure, script, show

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH = 64
ROUNDS = 5
BC = {"depth": 100, "k": 12, "bottleneck": True, "theta": 0.5}
NETS: dict[str, tuple[str, dict[str, Any], str, tuple[Any, ...], float, float]] = {
    "ResNet-20": ("resnet", {}, "resnet", (3,), 1.35, 1.85),
    "ResNet-110": ("resnet", {"n": 18}, "resnet", (18,), 1.3, 1.8),
    "DenseNet-(40,12)": ("densenet", {}, "densenet", (40, 12, False), 1.5, 2.3),
    "DenseNet-BC-(100,12)": ("densenet", BC, "densenet", (100, 12, True), 1.3, 1.9),
}
"""Ours, theirs, and how many times as fast ours should be, in fp32 and in bf16."""
ENOUGH = 0.95
"""Of the aim."""


def figures() -> list[Figure]:
    asked = sys.argv[1:]
    short = "--short" in asked
    rounds = int(asked[asked.index("--rounds") + 1]) if "--rounds" in asked else 2 if short else ROUNDS
    names = [name for name in NETS if name in asked] or list(NETS)[: 1 if short else None]
    return [figure for name in names for figure in _race(name, rounds)]


def _race(name: str, rounds: int) -> list[Figure]:
    bf16 = has_bf16()
    sides = ("reference", "fp32", "bf16") if bf16 else ("reference", "fp32")
    children = {
        side: subprocess.Popen(
            script("train_speed.py", "--child", name, side),
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for side in sides
    }
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    for turn in range(rounds + 1):
        for side, child in children.items():
            spent = float(_turn(child))
            if turn:  # in the first one everybody fills their caches
                seconds[side].append(spent)
    for child in children.values():
        child.communicate()
    found = []
    for side, aim in zip(sides[1:], NETS[name][4:], strict=False):
        share = median(a / b for a, b in zip(seconds["reference"], seconds[side], strict=True))
        ours, theirs = (BATCH / median(seconds[which]) for which in (side, "reference"))
        found.append(
            Figure(
                f"training {name} in {side}, images a CPU second against the common form in fp32",
                f"at least {ENOUGH * aim:.2f} times, aim {aim:g}",
                f"{share:.2f} times: {ours:,.1f} against {theirs:,.1f}",
                share >= ENOUGH * aim,
            )
        )
    return found


def has_bf16() -> bool:
    """Has the processor arithmetic for bfloat16?"""
    with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123
        return bool({"avx512_bf16", "amx_bf16"} & set(file.read().split()))


def _turn(child: "subprocess.Popen[str]") -> str:
    assert child.stdin is not None and child.stdout is not None
    child.stdin.write("\n")
    child.stdin.flush()
    return child.stdout.readline()


def child(name: str, side: str) -> None:
    """A step for each line that comes in; says the CPU seconds it took."""
    step = stepper(name, side)
    for _ in sys.stdin:
        start = time.process_time()
        step()
        print(time.process_time() - start, flush=True)


def stepper(name: str, side: str) -> "Callable[[], None]":
    import reference_nets
    import torch

    import netdsl
    from netdsl.tasks.engine.allocator import keep_freed_memory
    from netdsl.tasks.engine.engine import Engine

    torch.set_num_threads(1)
    torch.manual_seed(0)
    ours, parameters, theirs, arguments, *_ = NETS[name]
    images, labels = torch.randn(BATCH, 3, 32, 32), torch.randint(0, 10, (BATCH,))
    if side == "reference":
        module = run = getattr(reference_nets, theirs)(*arguments)
    else:
        keep_freed_memory()
        engine = Engine(torch.device("cpu"), side)
        module = engine.place(netdsl.compile(ours, **parameters))
        run, images = engine.trained(module), engine.images(images)
    optimizer = torch.optim.SGD(module.parameters(), lr=1e-3, momentum=0.9, nesterov=True)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(torch.nn.functional.cross_entropy(run(images), labels))
        optimizer.step()

    return step


if __name__ == "__main__":
    if "--child" in sys.argv[1:]:
        child(*sys.argv[2:4])
    else:
        show(figures)

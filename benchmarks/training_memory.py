"""What a training step takes: the static estimate against a process, and DenseNet-BC within a budget against without.

Each figure is a fresh process that takes two steps; the growth is that of its largest resident size over what it had
before the net was built, with torch and a small net warmed up. glibc keeps freed blocks of up to 32 MiB on its heap,
where they do not always fit again; for the estimate it is told to give all of them back (MALLOC_MMAP_THRESHOLD_), so
that the growth is that of the tensors. The budget is measured with the memory as the trainer leaves it. Linux only.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from measure import REPOSITORY, Figure, script, show

BC = {"depth": 100, "k": 12, "bottleneck": True, "theta": 0.5}
NETS: dict[str, tuple[str, dict[str, Any], tuple[int, int, int], int]] = {
    "ResNet-20": ("resnet", {}, (3, 32, 32), 64),
    "DenseNet-BC-(100,12)": ("densenet", BC, (3, 32, 32), 16),
    "VGG-16 (32x32)": ("vgg16", {}, (3, 32, 32), 64),
    "NiN": ("nin", {}, (3, 32, 32), 32),
    "GoogLeNet (64x64)": ("googlenet.net:googlenet_plain", {}, (3, 64, 64), 32),
}
BUDGET = 0.4
"""Of the estimate without one."""
STEPS = 3
ROUNDS = 3


def figures() -> list[Figure]:
    short = "--short" in sys.argv[1:]
    return [*map(_estimated, list(NETS)[: 1 if short else None]), *_within_budget(1 if short else ROUNDS)]


def _estimated(name: str) -> Figure:
    found = _child(name, 1.0, 2, MALLOC_MMAP_THRESHOLD_=str(2**17))
    share = found["estimate"] / found["growth"]
    measured = f"{share:.2f} times: {found['estimate'] / 2**20:,.0f} MiB against {found['growth'] / 2**20:,.0f} MiB"
    what = f"memory of a training step of {name} on {NETS[name][3]} images, estimate against growth"
    return Figure(what, "within 15 %", measured, abs(share - 1) <= 0.15)


def _within_budget(rounds: int) -> list[Figure]:
    name = "DenseNet-BC-(100,12)"
    turns = [(_child(name, 1.0, STEPS), _child(name, BUDGET, STEPS)) for _ in range(rounds)]
    share = max(small["growth"] / whole["growth"] for whole, small in turns)
    speed = median(whole["seconds"] / small["seconds"] for whole, small in turns)
    whole, small = turns[-1]
    return [
        Figure(
            f"peak memory of {name} at a budget of {BUDGET:g} of its estimate, against none",
            "at most 0.55 times",
            f"{share:.2f} times: {small['growth'] / 2**20:,.0f} MiB against {whole['growth'] / 2**20:,.0f} MiB",
            share <= 0.55,
        ),
        Figure("the same, images a CPU second", "at least 0.65 times", f"{speed:.2f} times", speed >= 0.65),
    ]


def _child(name: str, budget: float, steps: int, **environment: str) -> dict[str, float]:
    command = script("training_memory.py", "--child", name, str(budget), str(steps))
    done = subprocess.run(
        command, cwd=REPOSITORY, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def child(name: str, budget: float, steps: int) -> None:
    import torch
    from torch.nn.functional import cross_entropy

    from netdsl.compiler import compile_network
    from netdsl.geometry import FeatureMap
    from netdsl.lowering import to_torch
    from netdsl.planning.form import plain
    from netdsl.planning.peak import peak_bytes
    from netdsl.tasks.engine.allocator import keep_freed_memory
    from netdsl.tasks.engine.engine import Engine

    torch.set_num_threads(1)
    torch.manual_seed(0)
    warm = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.Flatten())
    optimizer = torch.optim.SGD(warm.parameters(), lr=1e-3, momentum=0.9, nesterov=True)
    torch.autograd.backward(cross_entropy(warm(torch.randn(2, 3, 8, 8)), torch.tensor([0, 1])))
    optimizer.step()  # loads what torch has not loaded yet
    net, parameters, size, batch = NETS[name]
    network = compile_network(net, parameters, FeatureMap(size[0], size[1:]))
    estimate = peak_bytes(plain(network), batch)
    given = None if budget >= 1 else int(budget * estimate)
    if given is None and "MALLOC_MMAP_THRESHOLD_" not in os.environ:
        keep_freed_memory()
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # the largest size starts anew
    before = _largest()
    engine = Engine(torch.device("cpu"), "fp32", memory_budget=given)
    module = engine.place(to_torch(network).train())
    run = engine.trained(module, images=batch)
    images, labels = engine.images(torch.randn(batch, *size)), torch.randint(0, 10, (batch,))
    optimizer = torch.optim.SGD(module.parameters(), lr=1e-3, momentum=0.9, nesterov=True)
    seconds = []
    for _ in range(steps):
        start = time.process_time()
        torch.autograd.backward(cross_entropy(run(images), labels))
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        seconds.append(time.process_time() - start)
    growth = _largest() - before
    print(json.dumps({"estimate": estimate, "growth": growth, "seconds": min(seconds[1:])}))


def _largest() -> int:
    """Bytes."""
    found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text("utf-8"))
    assert found
    return int(found[1]) * 1024


if __name__ == "__main__":
    if "--child" in sys.argv[1:]:
        child(sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
    else:
        show(figures)

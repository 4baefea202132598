"""Peak memory and time of a picture painted tile by tile, and how far tiles are from the whole: `nets/pastiche.net`.

    python benchmarks/style_tiles.py memory 4096 [TILE] [NET]   one painting: the process's peak resident memory
    python benchmarks/style_tiles.py whole 1024 [TILE] [NET]    how far tiles are from the whole

Weights are random, with norms spread as a trained net's are. Prints JSON. Run it as a process of its own, from a shell:
the peak is `ru_maxrss`, which starts at the size of the process that made it.
"""

import json
import resource
import sys
import time

import torch

from netdsl.compiler import compile_network
from netdsl.lowering.to_torch import Compiled, to_torch
from netdsl.style.tiles import tiled
from netdsl.style.tiles.plan import HALF, Plan, Steps, plan, planned
from netdsl.style.tiles.steps import steps_of

MEAN = (123.68, 116.779, 103.939)


def painter(net: str) -> Compiled:
    random = torch.Generator().manual_seed(1)
    module = to_torch(compile_network(net)).eval()
    for name, parameter in module.named_parameters():
        spread = (2 / parameter[0].numel()) ** 0.5 if parameter.dim() == 4 else 0.5
        with torch.no_grad():
            parameter.copy_(torch.randn(parameter.shape, generator=random) * spread)
            if parameter.dim() == 1 and name.endswith("weight"):
                parameter.add_(1)
    return module


def photo(size: int) -> torch.Tensor:
    """Light and dark at all scales, as in photographs, not the same everywhere."""
    random = torch.Generator().manual_seed(2)
    made = torch.zeros(1, 3, size, size, dtype=torch.uint8)
    for channel in range(3):
        sums = torch.zeros(1, 1, size, size)
        for scale in (4, 16, 64, 256):
            noise = torch.randn(1, 1, min(scale, size), min(scale, size), generator=random)
            sums += torch.nn.functional.interpolate(noise, size=(size, size), mode="bilinear") * (64 / scale) ** 0.5
        made[:, channel] = (sums[0] * 30 + 110).clamp(0, 255).to(torch.uint8)
    return made


def memory(size: int, tile: int, net: str) -> dict[str, object]:
    module, picture = painter(net), photo(size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    steps = steps_of(module.meta["network"], (size, size))
    chosen = plan(steps)
    started = time.process_time()
    tiled.paint_tiled(module, picture, mean=MEAN, tile=tile)
    return {
        "net": net,
        "size": size,
        "tile": tile,
        "kept_mib": chosen.kept / 2**20,
        "kept_bytes_a_number": chosen.number,
        "work": chosen.work / sum(step.macs for step in steps.values()),
        "before_mib": before,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "cpu_seconds": time.process_time() - started,
    }


def half_plan(steps: Steps, budget: int) -> Plan:
    return planned(steps, HALF, max(step.output.numel for step in steps.values()))


def whole(size: int, tile: int, net: str) -> dict[str, object]:
    module, picture = painter(net), photo(size).float()
    mean = torch.tensor(MEAN).view(1, -1, 1, 1)
    started = time.process_time()
    with torch.inference_mode():
        expected = module(picture - mean) + mean
    result: dict[str, object] = {"net": net, "size": size, "tile": tile, "cpu_whole": time.process_time() - started}
    border = torch.zeros(size, size, dtype=torch.bool)
    tiles = -(-size // tile)
    for part in range(1, tiles):
        for axis in (0, 1):
            border.narrow(axis, size * part // tiles - 4, 8).fill_(True)
    for name, chosen in (("float32", plan), ("float16", half_plan)):
        tiled.plan = chosen  # type: ignore[assignment]
        started = time.process_time()
        apart = (tiled.paint_tiled(module, picture, mean=MEAN, tile=tile) - expected).abs()
        result[name] = {
            "cpu_tiled": time.process_time() - started,
            "mean": float(apart.mean()),
            "largest": float(apart.max()),
            "mean_at_borders": float(apart[..., border].mean()),
            "mean_inside": float(apart[..., ~border].mean()),
        }
    return result


if __name__ == "__main__":
    what, size, *more = sys.argv[1:]
    tile = int(more[0]) if more else tiled.TILE
    net = more[1] if len(more) > 1 else "pastiche.net"
    print(json.dumps({"memory": memory, "whole": whole}[what](int(size), tile, net), indent=1))

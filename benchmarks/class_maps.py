"""Class activation maps of all classes in one pass, against a plain pass, captum's LayerGradCam and torchcam's CAM.

One process, one thread, random images, evaluation mode; the sides take turns of one call each, so that a busy minute
of the machine meets all alike, and CPU seconds are compared. captum goes class by class, forward and
backward each time, as its interface has it; torchcam hooks one forward pass and is asked for each class. Both work on
the same compiled module, and all three must give the same maps.
By hand: `class_maps.py [--short] [--rounds N]`.
"""

import json
import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Any

from measure import REPOSITORY, Figure, script, show

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROUNDS = 15
BATCH = 16
CLASSES = 10
NETS = {"ResNet-20": "resnet", "DenseNet-(40,12)": "densenet"}
MOST = 1.05  # of a plain pass
CAPTUM = 10.0  # times as fast
ASKED = 5
"""Of SqueezeNet's 1,000 classes."""

Times = dict[str, list[float]]


def figures() -> list[Figure]:
    asked = sys.argv[1:]
    short = "--short" in asked
    rounds = int(asked[asked.index("--rounds") + 1]) if "--rounds" in asked else 3 if short else ROUNDS
    found = []
    for name, net in list(NETS.items())[: 1 if short else None]:
        times = _child(net, rounds)
        plain, captum, torchcam = (_ratio(times, side, "ours") for side in ("plain", "captum", "torchcam"))
        milliseconds = {side: 1000 * median(every) for side, every in times.items()}
        what = f"maps of {CLASSES} classes, {name}, {BATCH} images"
        found += [
            Figure(
                f"{what}: CPU against a plain forward pass",
                f"at most {MOST} times",
                f"{1 / plain:.3f} times: {milliseconds['ours']:.1f} ms against {milliseconds['plain']:.1f} ms",
                1 / plain <= MOST,
            ),
            Figure(
                "the same, captum's LayerGradCam class by class against it",
                f"at least {CAPTUM:g} times",
                f"{captum:.1f} times: {milliseconds['captum']:.0f} ms",
                captum >= CAPTUM,
            ),
            Figure(
                "the same, torchcam's CAM against it",
                "at least 1 time",
                f"{torchcam:.2f} times: {milliseconds['torchcam']:.1f} ms",
                torchcam >= 1,
            ),
        ]
    times = _child("squeezenet", rounds)
    asked_for, every = _ratio(times, "asked", "plain"), _ratio(times, "all", "plain")
    found.append(
        Figure(
            f"SqueezeNet 1.1 at 224x224, the maps of {ASKED} of 1,000 classes enlarged: CPU against a plain pass",
            f"at most {MOST} times",
            f"{asked_for:.3f} times; all 1,000 enlarged: {every:.2f} times",
            asked_for <= MOST,
        )
    )
    return found


def _child(net: str, rounds: int) -> Times:
    command = script("class_maps.py", "--child", net, str(rounds))
    done = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, check=True)
    times: Times = json.loads(done.stdout)
    return times


def _ratio(times: Times, above: str, below: str) -> float:
    """The median over the rounds of one side's time by the other's in the same round."""
    return median(a / b for a, b in zip(times[above], times[below], strict=True))


def child(net: str, rounds: int) -> None:
    """Measure in this process; CPU seconds of each call as JSON."""
    import torch

    import netdsl

    torch.set_num_threads(1)
    torch.manual_seed(0)
    module: Any = netdsl.compile(net).eval()
    shape = netdsl.lowering.network_of(module).input.shape
    x = torch.randn(1 if net == "squeezenet" else BATCH, *shape)
    sides = _large(module, x) if net == "squeezenet" else _small(module, x)
    times: Times = {name: [] for name in sides}
    first = [name for name in sides if name not in ("captum", "all")]
    for turn in range(rounds + 2):
        sides["plain"]()  # so that nobody pays for the memory that the large ones have given back
        for name in [*first[turn % len(first) :], *first[: turn % len(first)], *(sides.keys() - first)]:
            began = time.process_time()
            sides[name]()
            if turn > 1:  # before, everybody fills their caches
                times[name].append(time.process_time() - began)
    sys.stdout.write(json.dumps(times))


def _small(module: Any, x: Any) -> "Mapping[str, Callable[[], Any]]":
    import torch
    from captum.attr import LayerGradCam
    from torchcam.methods import CAM

    from netdsl.lowering.class_maps import ClassMaps
    from netdsl.lowering.to_torch import network_of

    maps = ClassMaps(module)
    network = network_of(module)
    place, linear = (network.nodes[at].name for at in (maps.place.features, maps.place.weighted))
    gradients = LayerGradCam(module, module.get_submodule(place))

    def plain() -> Any:
        with torch.inference_mode():
            return module(x)

    def ours() -> Any:
        with torch.inference_mode():
            return maps(x)

    def captum() -> Any:
        return [gradients.attribute(x, target=number) for number in range(CLASSES)]

    def torchcam() -> Any:
        with CAM(module, place, linear) as extract, torch.inference_mode():
            module(x)
            return [extract(number, normalized=False)[0] for number in range(CLASSES)]

    _check_equal(ours()[1], torchcam(), captum())
    return {"plain": plain, "ours": ours, "captum": captum, "torchcam": torchcam}


def _check_equal(ours: Any, torchcam: Any, captum: Any) -> None:
    """All three give the same maps: torchcam's without what is negative, captum's over the number of places."""
    import torch

    theirs = torch.stack(torchcam, 1)
    places = ours[0, 0].numel()
    gradients = torch.cat(captum, 1).detach() * places
    for name, found, expected in (("torchcam", theirs.relu(), ours.relu()), ("captum", gradients, ours)):
        if not torch.allclose(found, expected, atol=1e-3 * float(expected.abs().max())):
            raise RuntimeError(f"{name} gives other maps")


def _large(module: Any, x: Any) -> "Mapping[str, Callable[[], Any]]":
    import torch

    from netdsl.lowering.class_maps import ClassMaps
    from netdsl.seeing.looker import upsampled

    maps = ClassMaps(module)

    def plain() -> Any:
        with torch.inference_mode():
            return module(x)

    def asked() -> Any:
        with torch.inference_mode():
            scores, features = maps.look(x)
            return upsampled(maps.maps(features, scores.topk(ASKED).indices), x.shape[2:])

    def every() -> Any:
        with torch.inference_mode():
            return upsampled(maps(x)[1], x.shape[2:])

    return {"plain": plain, "asked": asked, "all": every}


if __name__ == "__main__":
    if "--child" in sys.argv:
        place = sys.argv.index("--child")
        child(sys.argv[place + 1], int(sys.argv[place + 2]))
    else:
        show(figures)

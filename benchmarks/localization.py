"""How well trained nets find objects whose boxes they never saw: `netdsl localize` on the test images of `shapes`.

Each net is trained on one thread. With `--table` all nets are tried with all methods, which makes the table of
docs/seeing.md; with `--short` only the fastest net is.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from measure import NETDSL, Figure, run, show

HEAD = "classes = 10) { input 3x32x32"
RECIPE = """
recipe shapes {
  optimizer = sgd(lr=0.1, momentum=0.9, nesterov=true)  weight_decay = 1e-4  batch = 128  epochs = 8
  schedule = cosine  normalize = channel  init = he
}
"""
FINE = f"net fine({HEAD} (C3-16 B R)*2 P (C3-32 B R)*2 (C3-64 B R)*2 G F{{classes}} }}{RECIPE}"
UNWEIGHTED = f"net unweighted({HEAD} C3-16 B R P C3-32 B R P (C3-64 B R)*2 C1-{{classes}} B R G }}{RECIPE}"
AS_FINE = (
    "optimizer=sgd(lr=0.1, momentum=0.9, nesterov=true)",
    "weight_decay=1e-4",
    "batch=128",
    "epochs=6",
    "schedule=cosine",
    "normalize=channel",
    "init=he",
)
NETS = {
    "tiny": ("tiny", ()),
    "fine": (FINE, ()),
    "unweighted": (UNWEIGHTED, ()),
    "resnet": ("resnet", ("--set-recipe", ", ".join(AS_FINE))),
}
METHODS = ("cam", "grad-cam", "grad-cam++", "layer-cam")
BUDGET = 600  # CPU seconds: five minutes of two cores
AIMS = {"gt_known_loc": 0.60, "pointing": 0.90}


def figures() -> list[Figure]:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("tiny",) if "--short" in sys.argv[1:] else ("tiny", "resnet"):
            seconds = train(name, Path(folder))
            tried = localize(name, Path(folder))
            known = tried["gt_known_loc"]["0.5"]
            found += [
                Figure(
                    f"training {name} on shapes", f"at most {BUDGET} CPU seconds", f"{seconds:.0f}", seconds <= BUDGET
                ),
                _share(f"{name}, CAM: GT-known Loc at IoU 0.5, threshold half of the maximum", known, "gt_known_loc"),
                _share(f"{name}, CAM: MaxBoxAcc", tried["max_box_acc"], "gt_known_loc"),
                _share(f"{name}, CAM: pointing game", tried["pointing"], "pointing"),
            ]
    return found


def _share(name: str, share: float, aim: str) -> Figure:
    return Figure(name, f"at least {AIMS[aim]:.0%}", f"{share:.1%}", share >= AIMS[aim])


def train(name: str, folder: Path) -> float:
    """CPU seconds."""
    net, words = NETS[name]
    return run([NETDSL, "train", net, "--data", "shapes", "--out", str(folder / name), *words]).cpu


def localize(name: str, folder: Path, *words: str) -> dict:
    found: dict = json.loads(run([NETDSL, "localize", str(folder / name), "--json", *words]).output)
    return found


def table() -> None:
    print("| net | CPU s | method | pointing | GT-known Loc 0.5 | Top-1 Loc | MaxBoxAcc | at | V2 |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for name in NETS:
            seconds = train(name, Path(folder))
            for method in METHODS:
                for words in ((), ("--signed",)):
                    if words and (name, method) != ("unweighted", "cam"):  # below 0 there is nothing to cut
                        continue
                    tried = localize(name, Path(folder), "--method", method, *words)
                    best = max(tried["curve"], key=lambda point: point["box_acc"]["0.5"])["threshold"]
                    shares = (
                        tried["pointing"],
                        tried["gt_known_loc"]["0.5"],
                        tried["top1_loc"],
                        tried["max_box_acc"],
                    )
                    cells = [f"{share:.1%}" for share in shares] + [f"{best:g}", f"{tried['max_box_acc_v2']:.1%}"]
                    label = " ".join((method, *(word.removeprefix("--") for word in words)))
                    print(f"| {name} | {seconds:.0f} | {label} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if "--table" in sys.argv[1:]:
        table()
    else:
        show(figures)

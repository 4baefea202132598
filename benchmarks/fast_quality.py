"""How far a trained net brings a photograph's perceptual loss down: benchmarks/fast_quality.py RUN PHOTO ...

For each photograph, at 256 pixels, and each style of the run: the loss of the photograph as it is and of the painted
picture, both against the photograph's content and the style, with the run's weights of the losses. Prints a table.
"""

import sys
from pathlib import Path
from statistics import mean

import torch

from netdsl.recipes.losses import LOSSES
from netdsl.recipes.method import Method
from netdsl.style.fast.mixture import weights_of
from netdsl.style.fast.objective import CONTENT_LAYER, STYLE_LAYERS, StyleObjective
from netdsl.style.fast.opened import FastNet, open_fast
from netdsl.style.fast.styles import run_config
from netdsl.style.loss.network import loss_network
from netdsl.style.loss.weights import open_loss_weights
from netdsl.style.pictures.sources import as_tensor, read, scaled
from netdsl.tasks.learning.normalize import VGG

SIZE = 256


def main(run: Path, photos: list[Path]) -> None:
    net = open_fast(run, precision="fp32")
    config = run_config(run)
    (weights,) = config["loss"].values()
    method = Method(loss=LOSSES["perceptual"](**weights), target="style")
    network = loss_network(open_loss_weights(config["loss_weights"]), (*STYLE_LAYERS, CONTENT_LAYER))
    objective = StyleObjective(net.module, method, network, net.styles.tensors())
    print(f"{'photograph':<16}{'style':<18}{'as it is':>10}{'painted':>10}{'factor':>8}")
    factors = []
    for path in photos:
        for number, name in enumerate(net.names):
            before, after = losses(net, objective, path, number)
            factors.append(before / after)
            print(f"{path.stem:<16}{name:<18}{before:>10.3f}{after:>10.3f}{before / after:>8.2f}")
    print(f"mean factor {mean(factors):.2f}, lowest {min(factors):.2f}")


@torch.no_grad()
def losses(net: FastNet, objective: StyleObjective, path: Path, number: int) -> tuple[float, float]:
    """Of the photograph as it is, and painted."""
    colour = torch.tensor(VGG.mean).view(1, -1, 1, 1)
    photo = as_tensor(scaled(read(path, "RGB"), SIZE))
    painted = net(photo, weights_of(net.names, {net.names[number]: 1.0}))
    style = torch.tensor([number])
    of_both = [objective.terms(picture - colour, photo - colour, style)["total"] for picture in (photo, painted)]
    return float(of_both[0]), float(of_both[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(text) for text in sys.argv[2:]])

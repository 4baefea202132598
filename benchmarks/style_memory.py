"""Peak memory of steps of iterative style transfer, whole or by tiles: see style_transfer.py.

Noise in place of pictures. Prints JSON: bytes above those of the process before it, the estimate of them, CPU seconds
a step. Arguments: pixels of a side, number format, optimizer, pixels of a tile (0: whole), steps.
"""

import json
import resource
import sys
import time

import torch

from netdsl.style.iterative.fit import fit
from netdsl.style.iterative.objective import Objective, Style, Terms
from netdsl.style.iterative.room import need
from netdsl.style.iterative.tiled import TiledObjective
from netdsl.style.loss.network import loss_network
from netdsl.style.loss.weights import open_loss_weights
from netdsl.tasks.engine.number_format import number_format

STYLE = 256


def main(size: int, form: str, optimizer: str, tile: int, steps: int) -> None:
    torch.manual_seed(0)
    terms = Terms(variation=3.0)
    network = loss_network(open_loss_weights(), terms.layers(), number_format(form, torch.device("cpu")))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    content, styles = torch.rand(1, 3, size, size) * 255, [Style(torch.rand(1, 3, STYLE, STYLE) * 255)]
    objective = (
        TiledObjective(network, terms, content, styles, tile) if tile else Objective(network, terms, content, styles)
    )
    started = time.process_time()
    for _ in fit(content, objective, steps, optimizer):
        pass
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    estimate = need(network, terms, (size, size), optimizer, tile or None, STYLE**2)
    seconds = (time.process_time() - started) / steps
    print(json.dumps({"grown": grown * 1024, "estimate": estimate.whole, "seconds": seconds}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))

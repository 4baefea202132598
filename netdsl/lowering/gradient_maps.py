"""Maps of what speaks for a class at any place of a net, by the gradient of its score there."""

from collections.abc import Callable, Mapping
from math import prod

import torch
from torch import Tensor, fx, nn

from netdsl.diagnostics import fail
from netdsl.ir.network import Network
from netdsl.ir.parts import tensor_at, upstream
from netdsl.lowering.taps import feature_maps
from netdsl.lowering.to_torch import Compiled, network_of, node_name

BEHIND = ("dropout", "spatial_dropout", "flatten", "max_pool", "avg_pool", "global_avg_pool")
"""What may stand between the last features and what makes scores of them."""


def grad_cam(features: Tensor, gradient: Tensor) -> Tensor:
    """Channels weighed by the mean of their gradients. Source: Selvaraju et al. 2017, arXiv:1610.02391, equation 1"""
    return (gradient.mean((2, 3), keepdim=True) * features).sum(1)


def grad_cam_plus_plus(features: Tensor, gradient: Tensor) -> Tensor:
    """Channels weighed by their positive gradients, each place by how much of the score it explains.

    Source: Chattopadhay et al. 2018, arXiv:1710.11063, equation 19. The score is inside an exponential there, which
    multiplies all weights by the same positive number; it is left out, so that no large score overflows.
    """
    square, cube = gradient**2, gradient**3
    denominator = 2 * square + features.sum((2, 3), keepdim=True) * cube
    share = torch.where(square > 0, square / torch.where(denominator == 0, 1, denominator), 0)
    return ((share * gradient.relu()).sum((2, 3), keepdim=True) * features).sum(1)


def layer_cam(features: Tensor, gradient: Tensor) -> Tensor:
    """Each place of each channel weighed by its own positive gradient.

    Source: Jiang et al. 2021, "LayerCAM", IEEE Transactions on Image Processing 30, pages 5875 to 5888
    """
    return (gradient.relu() * features).sum(1)


GRADIENT_METHODS: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "grad-cam": grad_cam,
    "grad-cam++": grad_cam_plus_plus,
    "layer-cam": layer_cam,
}
"""Features and gradient, images x channels x height x width, to maps, images x height x width, of both signs."""


class GradientMaps(nn.Module):
    """Scores and features at a place in one pass, which `maps` goes back from, class by class.

    `at` is a tag or a node's name; the weights are the net's own. The maps are not in the unit of the scores: they
    can be compared within an image and class. Without `signed` what speaks against the class is 0, as in the papers.

    Errors: DiagnosticsError with NET209 for a place that is not there, NET606 for one without a map, or which the
    scores do not come from
    """

    def __init__(self, module: Compiled, scores: int, at: str | None, method: str, signed: bool = False) -> None:
        super().__init__()
        network = network_of(module)
        place = last_maps(network, scores) if at is None else _place(network, scores, at)
        self.names = network.nodes[place].name, network.nodes[scores].name
        self.method, self.signed = GRADIENT_METHODS[method], signed
        self.tapped = feature_maps(module, self.names)
        _begin_at(self.tapped, self.names[0])

    def look(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Scores, images x classes, and the features they come from: the gradient begins there, nothing before it."""
        with torch.enable_grad():
            found = self.tapped(x)
            features, scores = (found[name] for name in self.names)
            return scores.flatten(1), features

    def maps(self, scores: Tensor, features: Tensor, classes: Tensor) -> Tensor:
        """Images x as many classes as are given (images x so many numbers) x height x width."""
        made = []
        for column in classes.T:
            (gradient,) = torch.autograd.grad(scores.gather(1, column[:, None]).sum(), features, retain_graph=True)
            made.append(self.method(features.detach().float(), gradient.float()))
        maps = torch.stack(made, 1)
        return maps if self.signed else maps.relu()


def last_maps(network: Network, scores: int) -> int:
    """The node of the last feature maps before the scores, in front of the pools behind them.

    Errors: DiagnosticsError with NET606 for a net without maps
    """
    at = scores
    while _pixels(network, at) == 1 and network.nodes[at].inputs:
        at = network.nodes[at].inputs[0]
    while network.nodes[at].layer.name in BEHIND:
        at = network.nodes[at].inputs[0]
    if not network.nodes[at].inputs:
        fail(
            "NET606",
            f"`{network.name}` has no feature maps to look at",
            expected="a layer with maps of more than one pixel",
            found=f"{network.nodes[scores].output} from {network.input}",
        )
    return at


def _place(network: Network, scores: int, at: str) -> int:
    place = tensor_at(network, at)
    if _pixels(network, place) == 1 or place not in upstream(network, scores):
        output = network.nodes[place].output
        fail(
            "NET606",
            f"there is no map at `{at}` to look at",
            expected="a place with height and width, which the scores come from",
            found=f"{output}" if _pixels(network, place) == 1 else f"{output}, which the scores do not come from",
        )
    return place


def _pixels(network: Network, at: int) -> int:
    return prod(network.nodes[at].output.size)


def _begin_at(tapped: fx.GraphModule, name: str) -> None:
    """Cut the way back at a node: what is behind it is computed from a tensor of its own."""
    for node in tapped.graph.nodes:
        if (node.op == "call_module" and node_name(node) == name) or (node.op == "placeholder" and name == "input"):
            with tapped.graph.inserting_after(node):
                cut = tapped.graph.call_function(_beginning, (node,))
            node.replace_all_uses_with(cut, delete_user_cb=lambda user, cut=cut: user is not cut)
            break
    tapped.recompile()


def _beginning(x: Tensor) -> Tensor:
    return x.detach().requires_grad_()

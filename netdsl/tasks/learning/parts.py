"""Parts of a net in training: weights that stay as they are, and weights with a learning rate of their own."""

from collections.abc import Iterable
from typing import TypeGuard

from torch import fx, nn

from netdsl.diagnostics import fail
from netdsl.ir.network import Network, Recipe
from netdsl.ir.parts import part, tensor_at, upstream, weighted
from netdsl.lowering import Compiled, network_of
from netdsl.modules.headed import HeadedModule
from netdsl.recipes.method import Method


def check_parts(network: Network, method: Method, recipe: Recipe | None = None) -> None:
    """Reports NET209 for parts that the net has not, NET543 if all its weights are to stay as they are."""
    spans = {} if recipe is None else recipe.spans
    for place, _ in method.lr_scale:
        part(network, place, spans.get("lr_scale"))
    if method.freeze is None:
        return
    frozen = upstream(network, tensor_at(network, method.freeze, spans.get("freeze")))
    every = weighted(network, range(len(network.nodes)))
    if every and frozen.issuperset(every):
        fail(
            "NET543",
            f"all weights of `{network.name}` come before `{method.freeze}`, so none would be trained",
            span=spans.get("freeze"),
            expected="a place before the last layer with weights",
            found=f"{method.freeze}, behind `{network.nodes[every[-1]].name}`",
        )


class Frozen:
    """The part of a module that training leaves alone: its weights have no gradients from now on.

    Its dropout goes on, as that of the rest does.
    """

    def __init__(self, module: nn.Module, place: str | None) -> None:
        self._module, self._normed = module, list[str]()
        if place is None:
            return
        network = _network(module)
        for name in _layers(network, upstream(network, tensor_at(network, place))):
            layer = module.get_submodule(name).requires_grad_(False)
            if "running_mean" in dict(layer.named_buffers(recurse=False)):
                self._normed.append(name)

    @property
    def norms(self) -> set[nn.Module]:
        """Those whose running statistics stay."""
        return {self._module.get_submodule(name) for name in self._normed}

    def hold(self) -> None:
        """Behind every `module.train()`: the norms' running statistics stay, and are what they norm with."""
        for name in self._normed:  # by name, since norms over several processes take the place of others
            self._module.get_submodule(name).eval()


def lr_factors(module: nn.Module, method: Method) -> dict[nn.Parameter, float]:
    """How many times the common learning rate each weight has; those that are not named have 1 of it."""
    factors = dict.fromkeys(module.parameters(), 1.0)
    for place, factor in method.lr_scale:
        network = _network(module)
        for name in _layers(network, part(network, place)):
            layer = module.get_submodule(name)
            factors.update(dict.fromkeys(layer.parameters(recurse=False), factor))
    return factors


def _layers(network: Network, nodes: Iterable[int]) -> Iterable[str]:
    """Names of the modules that run the nodes, each once, a shared one wherever it is used."""
    return dict.fromkeys(network.module_name(i) for i in sorted(nodes) if network.nodes[i].inputs)


def _network(module: nn.Module) -> Network:
    if not _compiled(module):
        raise TypeError("parts have names in nets that netdsl compiled, not in other modules")
    return network_of(module)


def _compiled(module: nn.Module) -> TypeGuard[Compiled]:
    return isinstance(module, fx.GraphModule | HeadedModule)

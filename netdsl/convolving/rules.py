"""The rules of a variant that put a convolution in the place of each fully connected layer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NoReturn

from netdsl.convolving.kernels import Seen
from netdsl.diagnostics import fail
from netdsl.ir.network import Network
from netdsl.layers.base import axes_text
from netdsl.layers.linear import Flatten

HOLE = "n"
BIASES = ("", "b", "n")
"""How a text spells the bias of an `F`: each spelling is matched by a rule of its own."""


def rules(network: Network, found: Iterable[Seen], taken: Collection[str]) -> list[str]:
    """`F{n} -> C7-{n}v`; where kernels differ, by the channels that come in, which do not hang on the input's size.

    A rule for each spelling of the bias: the text that they are for says which of them match.
    Errors: DiagnosticsError with NET637 where two layers differ in nothing but their maps
    """
    every = list(found)
    hole = unlike(HOLE, taken)
    made = ["flatten -> id"] if any(isinstance(node.layer, Flatten) for node in network.nodes) else []
    groups: dict[int | None, dict[int, tuple[int, ...]]] = {}
    by_width = not _consistent(every, lambda each: each.in_channels)
    for each in every:
        kernel = groups.setdefault(each.out_features if by_width else None, {})
        if kernel.setdefault(each.in_channels, each.kernel_size) != each.kernel_size:
            _same_but_for_the_map(network, each, kernel[each.in_channels])
    for width, kernel in groups.items():
        number = f"{{{hole}}}" if width is None else f"{width}"
        made += [f"F{number}{bias} -> {_right(kernel, number, bias)}" for bias in BIASES]
    return made


def unlike(name: str, taken: Collection[str]) -> str:
    """The name, with as many underscores behind it as make it a new one."""
    while name in taken:
        name += "_"
    return name


def _consistent(every: list[Seen], key: Callable[[Seen], int]) -> bool:
    sizes = {(key(each), each.kernel_size) for each in every}
    return len({channels for channels, _ in sizes}) == len(sizes)


def _right(kernel: dict[int, tuple[int, ...]], number: str, bias: str) -> str:
    """One convolution where all have one kernel, else a choice by `here.channels`, the most frequent kernel last."""
    sizes = list(kernel.values())
    last = max(dict.fromkeys(reversed(sizes)), key=sizes.count)
    cases = [
        f"if here.channels == {channels} {{ {_code(size, number, bias)} }}"
        for channels, size in kernel.items()
        if size != last
    ]
    code = _code(last, number, bias)
    return " else ".join([*cases, f"{{ {code} }}"]) if cases else code


def _code(size: tuple[int, ...], number: str, bias: str) -> str:
    unpadded = "v" if any(n > 1 for n in size) else ""
    return f"C{axes_text(size)}-{number}{unpadded}{bias}"


def _same_but_for_the_map(network: Network, each: Seen, other: tuple[int, ...]) -> NoReturn:
    node = network.nodes[each.node]
    fail(
        "NET637",
        f"no rule tells the fully connected layers of `{network.name}` apart",
        span=node.span,
        expected="layers that differ in the channels that come in, or in their units",
        found=f"{each.in_channels} channels in and {each.out_features} units for maps of "
        f"{'x'.join(map(str, other))} and of {'x'.join(map(str, each.kernel_size))} pixels",
        note="write the convolutions into the net yourself: `C7-4096v` for `F4096` behind a map of 7x7 pixels",
    )

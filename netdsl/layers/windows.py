"""What convolutions and pools share: the words for padding and the check that a kernel fits its input."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from netdsl.diagnostics import Problem
from netdsl.geometry import FeatureMap, Window
from netdsl.layers.attributes import Value
from netdsl.layers.base import axes_text, spread


def half_padding(kernel_size: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[int, ...]:
    """`same`: d*(k-1)/2 on each side, so stride 1 keeps the size and stride t gives ceil(n/t)."""
    return tuple(d * (k - 1) // 2 for k, d in zip(kernel_size, dilation, strict=True))


def is_half_padding(padding: tuple[int, ...], kernel_size: tuple[int, ...], dilation: tuple[int, ...]) -> bool:
    return all(2 * p == d * (k - 1) for p, k, d in zip(padding, kernel_size, dilation, strict=True))


def padding_code(layer: Any, default: str) -> str:
    """The shortest modifier for a layer's padding, empty where it is the default, `s` or `v`."""
    if is_half_padding(layer.padding, layer.kernel_size, layer.dilation):
        return "" if default == "s" or not any(layer.padding) else "s"
    if not any(layer.padding):
        return "" if default == "v" else "v"
    return f"p{axes_text(layer.padding)}"


def resolve_padding(padding: Value, kernel_size: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[int, ...]:
    """Pixels of padding on each side, an axis each, from a word or numbers."""
    if padding == "same":
        return half_padding(kernel_size, dilation)
    if padding == "valid":
        return (0,) * len(kernel_size)
    if padding == "full":
        return tuple(d * (k - 1) for k, d in zip(kernel_size, dilation, strict=True))
    return spread(padding, len(kernel_size))


def even_same_problem(letter: str, given: Mapping[str, Value], default_padding: str) -> Iterator[Problem]:
    """Half padding of an even extent is no whole number (NET305)."""
    if given.get("padding", default_padding) != "same":
        return
    kernel_size = given["kernel_size"]
    sizes = spread(kernel_size, 1)
    dilations = spread(given.get("dilation", 1), len(sizes))
    if all(d * (k - 1) % 2 == 0 for k, d in zip(sizes, dilations * len(sizes), strict=False)):
        return
    yield Problem(
        "NET305",
        f"a kernel of {axes_text(sizes)} has no middle pixel to pad around",
        expected="an odd kernel, `v` (no padding) or a padding in pixels, such as `p1`",
        found=f"kernel {axes_text(sizes)} with `s`, half padding",
        append="v",
    )


def kernel_problems(layer: Any, windows: tuple[Window, ...], x: FeatureMap) -> Iterator[Problem]:
    """A kernel that is larger than its padded input has no place to stand (NET304)."""
    if all(window.fits(n) for window, n in zip(windows, x.size, strict=True)):
        return
    padded = tuple(n + 2 * w.padding for w, n in zip(windows, x.size, strict=True))
    kernel = tuple(
        max(1, min(k, (n + 2 * w.padding - 1) // w.dilation + 1))
        for k, w, n in zip(layer.kernel_size, windows, x.size, strict=True)
    )
    smaller = replace(layer, kernel_size=kernel)
    extent = axes_text(tuple(w.extent for w in windows))
    yield Problem(
        "NET304",
        f"the kernel of `{layer.code}` is larger than its input",
        expected=f"an input of at least {extent} pixels, padding included",
        found=f"{axes_text(padded)} pixels ({x} with padding {axes_text(layer.padding)})",
        help=f"write `{smaller.code}`, a kernel that fits ({smaller.params(x):,} parameters)",
        replacement=smaller.code,
    )

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


def padding_code(
    padding: tuple[int, ...], kernel_size: tuple[int, ...], dilation: tuple[int, ...], default: str
) -> str:
    """The shortest modifier for a padding, empty where it is the default, `s` or `v`."""
    if not any(padding) and default == "v":
        return ""
    if is_half_padding(padding, kernel_size, dilation):
        return "" if default == "s" else "s"
    return f"p{axes_text(padding)}" if any(padding) else "v"


def resolve_padding(padding: Value, kernel_size: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[int, ...]:
    """Pixels of padding on each side, an axis each, from a word or numbers."""
    if padding == "same":
        return half_padding(kernel_size, dilation)
    if padding == "valid":
        return (0,) * len(kernel_size)
    if padding == "full":
        return tuple(d * (k - 1) for k, d in zip(kernel_size, dilation, strict=True))
    return spread(padding, len(kernel_size))


def typed(layer: Any) -> str:
    """The code with the modifier for a bias that the text has settled; a code by itself leaves it to `settle_bias`."""
    bias = getattr(layer, "bias", None)
    return layer.code if bias is None or layer.code.endswith(")") else f"{layer.code}{'b' if bias else 'n'}"


def even_same_problem(cls: Any, given: Mapping[str, Value], x: FeatureMap) -> Iterator[Problem]:
    """Half padding of an even extent is no whole number (NET305)."""
    default = next(a.default for a in cls.signature if a.name == "padding")
    if given.get("padding", default) != "same":
        return
    axes = len(x.size)
    kernel_size, dilation = spread(given["kernel_size"], axes), spread(given.get("dilation", 1), axes)
    if all(d * (k - 1) % 2 == 0 for k, d in zip(kernel_size, dilation, strict=True)):
        return
    unpadded = typed(cls.build({**given, "padding": "valid"}, x))
    yield Problem(
        "NET305",
        f"a kernel of {axes_text(kernel_size)} has no middle pixel to pad around",
        expected="an odd kernel, `v` (no padding) or a padding in pixels, such as `p1`",
        found=f"kernel {axes_text(kernel_size)} with `s`, half padding",
        help=f"write `{unpadded}`, without padding",
        replacement=unpadded,
    )


def kernel_problems(layer: Any, windows: tuple[Window, ...], x: FeatureMap) -> Iterator[Problem]:
    """A kernel that is larger than its padded input has no place to stand (NET304)."""
    if all(window.output_size(n) >= 1 for window, n in zip(windows, x.size, strict=True)):
        return
    padded = tuple(n + 2 * w.padding for w, n in zip(windows, x.size, strict=True))
    smaller = with_fitting_kernel(layer, windows, padded)
    if layer.is_pool and any(p > k // 2 for p, k in zip(smaller.padding, smaller.kernel_size, strict=True)):
        smaller = with_fitting_kernel(replace(layer, padding=(0,) * len(x.size)), windows, x.size)
    cost = f" ({smaller.params(x):,} parameters)" if layer.weighted else ""
    extent = axes_text(tuple(w.extent for w in windows))
    yield Problem(
        "NET304",
        f"the kernel of `{layer.code}` is larger than its input",
        expected=f"an input of at least {extent} pixels, padding included",
        found=f"{axes_text(padded)} pixels ({x} with padding {axes_text(layer.padding)})",
        help=f"write `{typed(smaller)}`, a kernel that fits{cost}",
        replacement=typed(smaller),
    )


def with_fitting_kernel(layer: Any, windows: tuple[Window, ...], size: tuple[int, ...]) -> Any:
    """The layer with the largest kernel up to its own that stands in `size` pixels."""
    kernel = tuple(max(1, min(w.kernel_size, (n - 1) // w.dilation + 1)) for w, n in zip(windows, size, strict=True))
    if layer.is_pool and layer.stride == layer.kernel_size:
        return replace(layer, kernel_size=kernel, stride=kernel)
    return replace(layer, kernel_size=kernel)


def unread_problem(layer: Any, windows: tuple[Window, ...], x: FeatureMap, wider: Any = None) -> Iterator[Problem]:
    """Pixels at the end of an axis that no window reaches (NET350); `wider` is a layer that may reach them.

    Where the stride is larger than the window, pixels are skipped everywhere and on purpose: no warning.
    """
    unread = tuple(w.unread(n) if w.stride <= w.extent else 0 for w, n in zip(windows, x.size, strict=True))
    if not any(unread) or min(layer.output(x).size) < 1:
        return
    reaches = wider is not None and not any(w.unread(n) for w, n in zip(wider.windows, x.size, strict=True))
    names = (("pixel",), ("row", "column"), ("slice", "row", "column"))[len(unread) - 1]
    counts = [f"{u} {name}{'s' * (u > 1)}" for u, name in zip(unread, names, strict=True) if u]
    yield Problem(
        "NET350",
        f"the stride of `{layer.code}` leaves pixels at the border unread",
        expected="windows that reach the end of each axis",
        found=f"{' and '.join(counts)} at the end of the input, {x}, in no window",
        help=f"write `{typed(wider)}` (output {wider.output(x)} in place of {layer.output(x)})" if reaches else "",
        replacement=typed(wider) if reaches else None,
    )

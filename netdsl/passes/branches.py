"""What to type when the branches of a join do not fit: a projection in place of `id`, padding, or the right filters."""

import re
from collections.abc import Sequence

from netdsl.diagnostics import Edit, Problem, Span
from netdsl.geometry import FeatureMap
from netdsl.layers import NAMES
from netdsl.syntax import ast

_STRIDE = re.compile(r"\b([CPMA][1357](?:-\d+)?)/(\d+)s?(?!\w)")

Help = tuple[str, tuple[Edit, ...]]


def branch_help(problem: Problem, op: ast.Op, x: tuple[FeatureMap, ...], spans: Sequence[Span]) -> Help:
    """A help line and its edit, or nothing where no single change mends the join."""
    if len(spans) != len(x) or len({len(y.size) for y in x}) > 1 or not x[0].size:
        return "", ()
    target = next((y for y, span in zip(x, spans, strict=True) if span.text.strip() != "id"), x[0])
    for y, span in zip(x, spans, strict=True):
        if span.text.strip() == "id" and y != target:
            return _projection(op, span, y, target)
    return _same_padding(op, x, spans) or _same_stride(x, spans) or _filters(op, x, spans) or ("", ())


def _projection(op: ast.Op, span: Span, x: FeatureMap, y: FeatureMap) -> Help:
    """A 1x1 convolution that takes the input to the other branch's shape."""
    channels = y.channels if op.name != "concat" else x.channels
    strides = {s for n, m in zip(x.size, y.size, strict=True) for s in (-(-n // m),)}
    if len(strides) != 1:
        return "", ()
    stride = strides.pop()
    if any(-(-n // stride) != m for n, m in zip(x.size, y.size, strict=True)):
        return "", ()
    code = f"C1-{channels}" + (f"/{stride}" if stride > 1 else "")
    weights = x.channels * channels
    said = f"1x1 convolution, stride {stride}, {x.channels} -> {channels} channels, {weights:,} weights"
    other = ", or write `residual { ... }`" if op.name == "add" else ""
    return f"replace `id` by `{code}` ({said}){other}", (Edit(_inner(span), code),)


def _same_padding(op: ast.Op, x: tuple[FeatureMap, ...], spans: Sequence[Span]) -> Help | None:
    """A pool or convolution without padding, last in its branch, that would keep the size with `s`."""
    sizes = [y.size for y in x]
    common = max(set(sizes), key=lambda s: (sizes.count(s), s))
    odd = [i for i, size in enumerate(sizes) if size != common]
    if len(odd) != 1:
        return None
    span = _inner(spans[odd[0]])
    words = span.text.split()
    for word in words:
        if word[:1] in ("C", "P", "M", "A") and word.isalnum() is False and word.endswith("v"):
            at = span.text.index(word)
            return _replaced(span, at, word, word[:-1])
        if word[:1] in ("P", "M", "A") and word[1:2].isdigit() and "s" not in word and int(word[1]) % 2:
            return _replaced(span, span.text.index(word), word, word + "s")
    return None


def _same_stride(x: tuple[FeatureMap, ...], spans: Sequence[Span]) -> Help | None:
    """The one stride in a branch that makes it smaller than all others, taken out."""
    large = max(y.size for y in x)
    small = [(y, span) for y, span in zip(x, spans, strict=True) if y.size != large]
    if len(small) != 1:
        return None
    y, span = small[0][0], _inner(small[0][1])
    strides = list(_STRIDE.finditer(span.text))
    if len(strides) != 1 or any(-(-n // int(strides[0][2])) != m for n, m in zip(large, y.size, strict=True)):
        return None
    code = strides[0][1]
    instead = f"{code}/1s" if code[0] in "PMA" else code
    place = Span(span.source, span.start + strides[0].start(), span.start + strides[0].end())
    return f"replace `{strides[0][0]}` by `{instead}` (no stride, as in the other branches)", (Edit(place, instead),)


def _replaced(span: Span, at: int, word: str, instead: str) -> Help:
    place = Span(span.source, span.start + at, span.start + at + len(word))
    return f"replace `{word}` by `{instead}` (padding that keeps the size)", (Edit(place, instead),)


def _filters(op: ast.Op, x: tuple[FeatureMap, ...], spans: Sequence[Span]) -> Help | None:
    """Of two branches of one size, the last convolution of the second gets the filters of the first."""
    if NAMES.get(op.name) is None or op.name == "concat" or len({y.size for y in x}) > 1:
        return None
    first = x[0].channels
    odd = [i for i, y in enumerate(x) if y.channels != first]
    span = _inner(spans[odd[0]]) if odd else None
    if span is None:
        return None
    words = [w for w in span.text.split() if w[:1] in ("C", "T") and f"-{x[odd[0]].channels}" in w]
    if not words:
        return None
    word = words[-1]
    instead = word.replace(f"-{x[odd[0]].channels}", f"-{first}", 1)
    place_at = span.start + span.text.rindex(word)
    place = Span(span.source, place_at, place_at + len(word))
    return f"replace `{word}` by `{instead}` ({first} channels, as in the first branch)", (Edit(place, instead),)


def _inner(span: Span) -> Span:
    text = span.text
    start = len(text) - len(text.lstrip())
    return Span(span.source, span.start + start, span.start + start + len(text.strip()))

"""An input whose sizes are left open, `3xHxW`: which sizes the net takes, and what it gives for them.

Along each axis a size is a sum of rounded multiples of the input's, so what holds for two periods of sizes (the
period is the product of the strides) holds for all: `open_sizes` looks at those, and at the small sizes one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from itertools import pairwise
from math import factorial, lcm

from netdsl.geometry import FeatureMap, Slide
from netdsl.ir.network import Network
from netdsl.ir.sizes import OpenSizes, Shape, SizeRule, remainders_text
from netdsl.passes.count import count
from netdsl.passes.resize import Misfit, Resizer
from netdsl.passes.size_formula import formula, same_size

MAX_PERIOD = 2048
MAX_WORK = 2_000_000  # nodes looked at, for all sizes together: a second or two
FAR = 1000  # periods away: what grows apart has done so by then


@dataclass(frozen=True, slots=True)
class NoRule:
    """No rule can be stated, because sizes fit only now and then, or their period is too long."""

    why: str


Letters = Mapping[str, tuple[int, ...]]


def open_sizes(network: Network, letters: Letters) -> OpenSizes | NoRule:
    """What holds for every size of the letters, each standing for the axes of the input that it has.

    Needs:   a network laid out at one size, with biases settled
    Makes:   the sizes that it takes, the formula of its output, multiply-accumulates a pixel
    """
    resizer = Resizer(network)
    steps = _steps(network)
    if (why := _outgrown(network, steps)) is not None:
        return why
    rules: dict[str, SizeRule] = {}
    formulas: _Formulas = {}
    same: dict[str, str] = {}
    for group, probe in _probes(resizer, letters, steps).items():
        if probe.period > min(MAX_PERIOD, MAX_WORK // (4 * len(network.nodes))):
            return NoRule(f"the strides make a period of {probe.period:,} pixels, too many for so large a net")
        rule = probe.rule(group[0])
        if isinstance(rule, NoRule):
            return rule
        for letter in group:
            rules[letter] = replace(rule, letter=letter, axes=letters[letter])
            for axis in letters[letter]:
                formulas |= probe.formulas(letter, axis, steps, nodes=(network.output_node,))
            kept = probe.same_size(network.output_node, letters[letter])
            if kept is not None:
                same[letter] = kept
    output = _shape(network.nodes[network.output_node].output, formulas, network.output_node)
    period = _period(steps, tuple(axis for of in letters.values() for axis in of))
    per_pixel = _macs_per_pixel(resizer, letters, period)
    vectors = resizer.vectors({axis for of in letters.values() for axis in of}, period)
    if network.output_node in vectors:
        output = output[:1]
    return OpenSizes(rules, output, _one_of(resizer, rules), per_pixel, same, vectors)


def _outgrown(network: Network, steps: Sequence[_Steps]) -> NoRule | None:
    """A crop to a map that grows faster than what is cropped fits small sizes only, however far one looks."""
    for node in network.nodes:
        if node.layer.name == "crop":
            cropped, like = (steps[i] for i in node.inputs)
            if any(a > b for a, b in zip(cropped, like, strict=True)):
                return NoRule(f"what `{node.layer.code}` cuts grows more slowly than what it is cut to")
    return None


def open_shapes(network: Network, in_turn: bool = False) -> tuple[tuple[Shape, ...], Mapping[str, str]]:
    """The shape of every node, a formula where a size is open; and by letter the sizes that the formulas are for.

    They are for all sizes that fit, `4*ceil(H/4)`; `in_turn`, for those that the strides divide alike, `H`.
    """
    assert network.open_sizes is not None
    rules = network.open_sizes.rules
    letters = {letter: rule.axes for letter, rule in rules.items()}
    steps = _steps(network)
    formulas: _Formulas = {}
    turns: dict[str, str] = {}
    for group, probe in _probes(Resizer(network), letters, steps).items():
        probe.look(rules[group[0]])
        for letter in group:
            remainder = probe.remainder(rules[letter]) if in_turn else None
            if remainder is not None and probe.period > 1:
                turns[letter] = remainders_text(probe.period, (remainder,))
            for axis in letters[letter]:
                formulas |= probe.formulas(letter, axis, steps, remainder)
    return tuple(_shape(node.output, formulas, index) for index, node in enumerate(network.nodes)), turns


def _probes(resizer: Resizer, letters: Letters, steps: Sequence[_Steps]) -> dict[tuple[str, ...], _Probe]:
    """One probe, along the first letter, where everything treats the axes of all alike; else one for each letter."""
    groups = [tuple(letters)] if _alike(resizer.network, letters) else [(letter,) for letter in letters]
    axes = {group: letters[group[0]] for group in groups}
    return {group: _Probe(resizer, of, _period(steps, of)) for group, of in axes.items()}


class _Probe:
    """The maps of a net while the sizes on some axes, all equal, go through the numbers."""

    def __init__(self, resizer: Resizer, axes: tuple[int, ...], period: int) -> None:
        self.resizer = resizer
        self.axes = axes
        self.period = period
        self.at = resizer.network.input.size[axes[0]]
        self.found: dict[int, list[FeatureMap] | Misfit] = {}

    def maps(self, size: int) -> list[FeatureMap] | Misfit:
        if size not in self.found:
            start = self.resizer.network.input
            sizes = tuple(size if axis in self.axes else n for axis, n in enumerate(start.size))
            self.found[size] = self.resizer.maps(FeatureMap(start.channels, sizes))
        return self.found[size]

    def fits(self, size: int) -> bool:
        return not isinstance(self.maps(size), Misfit)

    def rule(self, letter: str) -> SizeRule | NoRule:
        """Which sizes fit.

        What fits goes round with the period, from the smallest size on from which each kernel has its pixels. Where two
        branches grow at different speeds, a period later shows it, or far away where one only must not be larger.
        """
        start, period = self.at, self.period
        fitting = {n % period for n in range(start, start + period) if self.fits(n)}
        for n in range(start, start + period):
            far = [n + FAR * period] if n == start or n % period not in fitting else []
            for later in (n + period, *far):
                if self.fits(later) != self.fits(n):
                    yes, no = (n, later) if self.fits(n) else (later, n)
                    return NoRule(f"{letter} = {yes} fits and {letter} = {no} does not")
        least, n = 1, 0
        while n - least < period - 1:  # until a whole period is as it is later
            n += 1
            if self.fits(n) != (n % period in fitting):
                least = n + 1
        also = tuple(n for n in range(1, least) if self.fits(n))
        step = next(d for d in range(1, period + 1) if period % d == 0 and _repeats(fitting, d, period))
        remainders = tuple(sorted({n % step for n in fitting}))
        return SizeRule(letter, self.axes, start, least, step, remainders, also)

    def look(self, rule: SizeRule) -> None:
        """Work out the maps of two periods, and of the smallest sizes."""
        smallest = [n for n in range(1, rule.least + self.period) if rule.holds(n)]
        for size in (*range(self.at, self.at + 2 * self.period), *smallest):
            self.maps(size)

    def values(self, node: int, axis: int) -> dict[int, int]:
        """Of every size that fits, what comes out of a node on one axis: a size, or with axis -1 the channels.

        An axis that was not probed is like the first that was.
        """
        made = {}
        axis = axis if axis < 0 or axis in self.axes else self.axes[0]
        for size, maps in self.found.items():
            if not isinstance(maps, Misfit) and size < self.at + 2 * self.period:
                made[size] = maps[node].channels if axis < 0 else maps[node].size[axis]
        return dict(sorted(made.items(), reverse=True))

    def remainder(self, rule: SizeRule) -> int:
        """Of the sizes that fit, those with one remainder of the period stand for all: of multiples, if they do."""
        fitting = [n % self.period for n in range(self.at, self.at + self.period) if rule.holds(n)]
        return min(fitting)

    def formulas(
        self,
        letter: str,
        axis: int,
        steps: Sequence[_Steps],
        remainder: int | None = None,
        nodes: Sequence[int] | None = None,
    ) -> _Formulas:
        """The formula of each node's size on an axis, where it depends on the letter; of its channels, with axis -1.

        It is for all sizes, or for those with one remainder of the period.
        """
        known: dict[tuple[int, ...], str] = {}
        made = {}
        every = self.resizer.network.nodes
        for node in range(len(every)) if nodes is None else nodes:
            own = every[node]
            if axis < len(own.output.size):
                values = self.values(node, axis)
                if remainder is not None:
                    values = {n: value for n, value in values.items() if n % self.period == remainder}
                key = tuple(values.values())
                if len(set(key)) > 1:
                    if key not in known:
                        period = self.period if remainder is None else 1
                        known[key] = formula(letter, values, 1 / Fraction(steps[node][axis]), period)
                    made[node, axis] = known[key]
            elif len(set(self.values(node, -1).values())) > 1:
                made[node, -1] = "?"
        return made

    def same_size(self, node: int, axes: tuple[int, ...]) -> str | None:
        if any(axis >= len(self.resizer.network.nodes[node].output.size) for axis in axes):
            return None
        return same_size(self.values(node, axes[0]), self.period)


_Steps = tuple[int | Fraction, ...]
_Formulas = dict[tuple[int, int], str]


def _steps(network: Network) -> list[_Steps]:
    """Of each node and axis, the pixels of the input from one unit to the next: the product of the strides."""
    axes = len(network.input.size)
    made: list[_Steps] = []
    for node in network.nodes:
        before = made[node.inputs[-1 if node.layer.name == "crop" else 0]] if node.inputs else (1,) * axes
        reach = node.layer.reach(node.x)
        if isinstance(reach, tuple) and len(reach) == axes and all(isinstance(s, Slide) for s in reach):
            before = tuple(Fraction(b) * s.step for b, s in zip(before, reach, strict=True))
        made.append(before)
    return made


def _period(steps: Sequence[_Steps], axes: tuple[int, ...]) -> int:
    return lcm(*(Fraction(of[axis]).numerator for of in steps for axis in axes))


def _alike(network: Network, letters: Letters) -> bool:
    """Does everything treat all open axes as one, so that one of them stands for all?"""
    axes = [axis for of in letters.values() for axis in of]
    if len({network.input.size[axis] for axis in axes}) > 1 or len(axes) != len(network.input.size):
        return False
    layers = {id(node.layer): node.layer for node in network.nodes[1:]}.values()
    values = (getattr(layer, own.name) for layer in layers for own in fields(layer))
    return all(len(set(value)) <= 1 for value in values if isinstance(value, tuple))


def _one_of(resizer: Resizer, rules: Mapping[str, SizeRule]) -> dict[str, int]:
    """The size that one letter at least must have, where the smallest of all do not fit together.

    An instance norm, say, wants more than one pixel, on whichever axis; each letter by itself was probed with large
    sizes on the others.
    """
    start = resizer.network.input
    smallest = {axis: rule.smallest for rule in rules.values() for axis in rule.axes}

    def fits(changed: Mapping[int, int]) -> bool:
        sizes = {**smallest, **changed}
        size = tuple(sizes.get(axis, n) for axis, n in enumerate(start.size))
        return not isinstance(resizer.maps(FeatureMap(start.channels, size)), Misfit)

    if fits({}):
        return {}
    return {
        letter: next(
            n for n in range(rule.smallest, rule.at + 1) if rule.holds(n) and fits(dict.fromkeys(rule.axes, n))
        )
        for letter, rule in rules.items()
    }


def _repeats(fitting: set[int], step: int, period: int) -> bool:
    return all((n in fitting) == ((n + step) % period in fitting) for n in range(period))


def _shape(x: FeatureMap, formulas: _Formulas, node: int) -> Shape:
    channels = formulas.get((node, -1), x.channels)
    return (channels, *(formulas.get((node, axis), n) for axis, n in enumerate(x.size)))


def _macs_per_pixel(resizer: Resizer, letters: Letters, period: int) -> Fraction | None:
    """What each further pixel costs: the leading coefficient of the count, a polynomial along whole periods."""
    start = resizer.network.input
    axes = [axis for of in letters.values() for axis in of]
    counts = []
    for turn in range(len(axes) + 1):
        size = tuple(n + turn * period if axis in axes else n for axis, n in enumerate(start.size))
        network = resizer.resized(FeatureMap(start.channels, size))
        if isinstance(network, Misfit):
            return None
        counts.append(count(network).macs)
    while len(counts) > 1:
        counts = [b - a for a, b in pairwise(counts)]
    fixed = [n for axis, n in enumerate(start.size) if axis not in axes]
    pixels = Fraction(factorial(len(axes)) * period ** len(axes))
    for n in fixed:
        pixels *= n
    return counts[0] / pixels or None

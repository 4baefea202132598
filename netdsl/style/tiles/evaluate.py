"""One tile of one pass: which regions of which maps it takes, and the modules run on them."""

from collections import Counter
from typing import Any

import torch
from torch import Tensor

from netdsl.diagnostics import InternalError
from netdsl.ir.network import Network
from netdsl.lowering.to_torch import Compiled
from netdsl.style.tiles.moments import Moments
from netdsl.style.tiles.plan import FULL, Pass, Steps
from netdsl.style.tiles.reads import Interval, Region, cut
from netdsl.style.tiles.steps import Step

SHARE = 1 / 16
"""Of a number that is kept in half precision: so up to a million fits, eight times as exact as bfloat16."""


class Evaluator:
    """Runs nodes on regions. `kept` are maps of earlier passes, C x H x W."""

    def __init__(
        self, module: Compiled, network: Network, steps: Steps, picture: Tensor, mean: Tensor, weights: Any
    ) -> None:
        self.module, self.network, self.steps = module, network, steps
        self.picture, self.mean = picture, mean
        self.kept: dict[int, Tensor] = {}
        self._norms: dict[int, tuple[Tensor, Tensor, Tensor]] = {}
        self._conditions: dict[int, Tensor] = {
            node: self._submodule(node)(weights) for node in network.conditions.values()
        }

    def begin(self, each: Pass, number: int) -> None:
        """Room for what a pass keeps, in so many bytes a number."""
        dtype = self.mean.dtype if number == FULL else torch.float16
        for node in each.kept:
            self.kept[node] = torch.empty(self.steps[node].output.shape, dtype=dtype, device=self.mean.device)

    def end(self, each: Pass, moments: Moments | None) -> None:
        """The norms of what the pass computed are known, and what was read for the last time is let go."""
        for index, step in self.steps.items():
            if moments is not None and step.kind == "norm" and step.inputs[0] == each.target:
                self._norms[index] = self._settled(index, moments)
        for node in each.dropped:
            del self.kept[node]

    def _settled(self, index: int, moments: Moments) -> tuple[Tensor, Tensor, Tensor]:
        """A norm as a mean, a scale and a shift for each channel, the condition's if it has one."""
        norm: Any = self._submodule(index)
        scale, shift = norm.weight, norm.bias
        inputs = self.network.nodes[index].inputs
        if len(inputs) > 1:
            weights = self._conditions[inputs[1]].to(scale)
            scale, shift = (weights @ scale)[0], (weights @ shift)[0]
        factor = torch.rsqrt(moments.variance + norm.eps)
        if scale is None:
            scale, shift = torch.ones_like(factor), torch.zeros_like(factor)
        mean, scale, shift = (v.to(self.mean).view(1, -1, 1, 1) for v in (moments.mean, factor * scale, shift))
        return mean, scale, shift

    def tile(self, each: Pass, region: Region) -> Tensor:
        """The target of a pass there, 1 x C x h x w; the maps that the pass keeps are written down on the way."""
        cells = {node: self._cell(node, each.target, region) for node in each.kept}
        regions = self._regions(each, region, cells)
        values = {node: self._read(node, regions[node]) for node in each.sources}
        left = Counter(source for node in each.nodes for source in self.steps[node].inputs)
        for node in each.nodes:
            values[node] = self._run(self.steps[node], regions, values)
            if node in cells:
                self._write(node, values[node], regions[node], cells[node])
            for source in self.steps[node].inputs:
                left[source] -= 1
                if not left[source]:
                    del values[source]
        return values[each.target]

    def _regions(self, each: Pass, region: Region, cells: dict[int, Region]) -> dict[int, Region]:
        """What is needed of each node, from the target back."""
        needed = {each.target: region}
        for node in reversed(each.nodes):
            if node in cells:
                _widen(needed, node, cells[node])
            step = self.steps[node]
            for source in step.inputs:
                _widen(needed, source, _input_region(step, needed[node]))
        return needed

    def _cell(self, node: int, target: int, region: Region) -> Region:
        """The part of a kept map that a tile of the target stands for: all tiles' cover it, none twice."""
        size, whole = self.steps[node].output.size, self.steps[target].output.size
        rows, columns = (
            (first * have // n, last * have // n) for (first, last), have, n in zip(region, size, whole, strict=True)
        )
        return rows, columns

    def _run(self, step: Step, regions: dict[int, Region], values: dict[int, Tensor]) -> Tensor:
        wanted = regions[step.index]
        if step.kind == "input":
            (top, bottom), (left, right) = wanted
            return self.picture[None, :, top:bottom, left:right].to(self.mean) - self.mean
        if step.kind == "window":
            return self._windowed(step, wanted, regions, values)
        taken = _input_region(step, wanted)
        xs = [_part(values[source], regions[source], taken) for source in step.inputs]
        if step.kind == "norm":
            mean, scale, shift = self._norms[step.index]
            return (xs[0] - mean).mul_(scale).add_(shift)
        if step.kind == "crop":
            return xs[0]
        made: Tensor = self._submodule(step.index)(*xs)
        return made

    def _windowed(self, step: Step, wanted: Region, regions: dict[int, Region], values: dict[int, Tensor]) -> Tensor:
        (source,) = step.inputs
        rows, columns = (cut(step.layer, slide, step.x, axis, wanted[axis]) for axis, slide in enumerate(step.slides))
        taken = ((rows.first, rows.last), (columns.first, columns.last))
        y: Tensor = self._submodule(step.index)(_part(values[source], regions[source], taken))
        (top, bottom), (left, right) = wanted
        y = y[:, :, rows.skip : rows.skip + bottom - top, columns.skip : columns.skip + right - left]
        if y.shape[2:] != (bottom - top, right - left):
            raise InternalError(f"{step.layer.code} gave {tuple(y.shape[2:])} for {wanted}")
        return y

    def _submodule(self, index: int) -> torch.nn.Module:
        return self.module.get_submodule(self.network.module_name(index))

    def _read(self, node: int, region: Region) -> Tensor:
        (top, bottom), (left, right) = region
        kept = self.kept[node][None, :, top:bottom, left:right]
        return kept.to(self.mean.dtype) / SHARE if kept.dtype == torch.float16 else kept

    def _write(self, node: int, value: Tensor, region: Region, cell: Region) -> None:
        (top, bottom), (left, right) = cell
        kept, part = self.kept[node], _part(value, region, cell)[0]
        if kept.dtype == torch.float16:
            most = torch.finfo(torch.float16).max
            part = (part * SHARE).clamp_(-most, most)
        kept[:, top:bottom, left:right] = part


def _input_region(step: Step, wanted: Region) -> Region:
    """What a step takes of each of its inputs."""
    if step.kind == "window":
        cuts = [cut(step.layer, slide, step.x, axis, wanted[axis]) for axis, slide in enumerate(step.slides)]
        return (cuts[0].first, cuts[0].last), (cuts[1].first, cuts[1].last)
    if step.kind == "crop":
        rows, columns = (
            (first + int(slide.start), last + int(slide.start))
            for slide, (first, last) in zip(step.slides, wanted, strict=True)
        )
        return rows, columns
    return wanted


def _widen(needed: dict[int, Region], node: int, region: Region) -> None:
    if node not in needed:
        needed[node] = region
        return
    rows, columns = (
        (min(a[0], b[0]), max(a[1], b[1])) if b[0] < b[1] else a for a, b in zip(needed[node], region, strict=True)
    )
    needed[node] = rows, columns


def _part(value: Tensor, has: Region, wanted: Region) -> Tensor:
    """A region of a value that is known on a larger one."""
    (top, bottom), (left, right) = (_shifted(part, whole[0]) for part, whole in zip(wanted, has, strict=True))
    return value[:, :, top:bottom, left:right]


def _shifted(part: Interval, start: int) -> Interval:
    return part[0] - start, part[1] - start

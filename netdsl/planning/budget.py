"""Which parts of a net are computed again in backward, so that a training step fits into a given memory."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from netdsl.ir.network import Network
from netdsl.layers.joins import Concat
from netdsl.planning.form import Form, Segment, flat_concats, outputs, plain, recomputing
from netdsl.planning.peak import peak_bytes

LENGTHS = (1, 2, 3, 4, 6, 8, 12, 16)
"""How many of the shortest segments are tried as one."""


def within(network: Network, batch: int, budget: int, numbers_per_weight: int = 1) -> Form | int:
    """The form with the fewest MACs computed again whose peak fits; the lowest peak found where none does.

    Segments end where the fewest bytes are handed on: behind the layers of a dense block, behind residual units.
    Each is worth the bytes that it does not keep; those that are worth most for their MACs come first.
    """
    form = plain(network)
    best: tuple[int, Form] | None = None
    lowest = peak_bytes(form, batch, numbers_per_weight)
    if lowest <= budget:
        return form
    for segments in _cuts(network):
        ranked = sorted(segments, key=lambda s: _macs(network, s) / (1 + _inside(network, s)))
        fitting = None
        low, high = 1, len(ranked)
        while low <= high:  # each further segment lowers the peak, or nearly so
            count = (low + high) // 2
            tried = recomputing(network, tuple(sorted(ranked[:count])))
            peak = peak_bytes(tried, batch, numbers_per_weight)
            lowest = min(lowest, peak)
            if peak <= budget:
                fitting, high = tried, count - 1
            else:
                low = count + 1
        if fitting is not None:
            macs = sum(_macs(network, segment) for segment in fitting.segments)
            if best is None or macs < best[0]:
                best = macs, fitting
    return lowest if best is None else best[1]


def _cuts(network: Network) -> Iterator[list[Segment]]:
    """The nodes in segments, from the shortest that make sense to the longest."""
    starts = _starts(network)
    for length in LENGTHS:
        edges = [*starts[::length], len(network.nodes)]
        segments = [(first, end - 1) for first, end in pairwise(edges) if end - first > 1]
        if segments:
            yield segments
        if length >= len(starts):
            return


def _starts(network: Network) -> list[int]:
    """The nodes before which fewer bytes are handed on than before their neighbours."""
    flat = flat_concats(network)
    last_use = {index: index for index in range(len(network.nodes))}
    for index, node in enumerate(network.nodes):
        for source in flat.get(index, node.inputs):
            last_use[source] = index
    for index in outputs(network):
        last_use[index] = len(network.nodes)
    change: Counter[int] = Counter()
    for index, node in enumerate(network.nodes):
        if last_use[index] > index:
            change[index + 1] += node.output.numel
            change[last_use[index] + 1] -= node.output.numel
    handed, sizes = 0, []
    for index in range(len(network.nodes) + 1):
        handed += change[index]
        sizes.append(handed)
    inner = range(2, len(network.nodes) - 1)
    found = [i for i in inner if (sizes[i] <= sizes[i - 1] and sizes[i] < sizes[i + 1]) or _drops(sizes, i)]
    return [1, *found]


def _drops(sizes: list[int], index: int) -> bool:
    """In a chain as much is handed on everywhere but behind a pool or a stride."""
    return sizes[index] < sizes[index - 1] and sizes[index] <= sizes[index + 1]


def _macs(network: Network, segment: Segment) -> int:
    first, last = segment
    return sum(row.macs for row in network.counts[first : last + 1])


def _inside(network: Network, segment: Segment) -> int:
    """Numbers that a segment makes and does not hand on, for one image."""
    first, last = segment
    nodes = network.nodes
    made = sum(node.output.numel for node in nodes[first:last])
    return made + sum(n.output.numel for n in nodes[first:last] if isinstance(n.layer, Concat))

"""Which pixels of the input one unit of a feature map sees: the rectangle itself, not only its size."""

from netdsl.ir.network import Network, Node

Interval = tuple[int, int]
"""The first and the last place on an axis."""


def seen(network: Network, index: int, unit: tuple[int, ...]) -> tuple[Interval, ...]:
    """The first and last pixel, axis by axis, that the unit of node `index` at the place `unit` looks at.

    Pixels of padding count, so numbers may be below 0 or beyond the input; every unit of a map has a field of one size
    (save behind an upsampling, where it differs by place). Branches count together, save one of a single pixel that is
    broadcast (a gate), as in the `receptive_field` of the summary. Behind `G`, `F` or a map made from a vector it is
    the whole input. What an instance norm takes from the whole map is left out, as there.
    Source: Araujo et al. 2019, doi:10.23915/distill.00021, with the places of the borders beside the sizes
    """
    whole = tuple((0, n - 1) for n in network.input.size)
    reached: dict[int, tuple[Interval, ...]] = {index: tuple((place, place) for place in unit)}
    for at in range(index, 0, -1):
        if at not in reached:
            continue
        node, places = network.nodes[at], reached[at]
        if not node.inputs:  # a condition
            continue
        reach = node.layer.reach(node.x)
        if reach == "whole map" or len(places) != len(network.input.size):
            return whole
        if isinstance(reach, tuple):
            places = tuple(slide.read(*interval) for slide, interval in zip(reach, places, strict=True))
        for source in _sources(node):
            if source in reached:
                pairs = zip(places, reached[source], strict=True)
                reached[source] = tuple((min(a[0], b[0]), max(a[1], b[1])) for a, b in pairs)
            else:
                reached[source] = places
    return reached.get(0, whole)


def _sources(node: Node) -> tuple[int, ...]:
    """The inputs whose pixels are looked at: a join's largest ones, of other layers the one that comes in."""
    if not node.layer.is_join:
        return node.inputs[:1]
    pixels = [y.numel // y.channels for y in node.x]
    return tuple(source for source, n in zip(node.inputs, pixels, strict=True) if n == max(pixels))

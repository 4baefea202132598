"""Whether a picture's maps are so large that it is better painted tile by tile without being asked."""

from netdsl.diagnostics import DiagnosticsError
from netdsl.ir.network import Network
from netdsl.style.pictures.padding import Size, fitting_size
from netdsl.style.tiles.steps import Step, steps_of

MOST = 2**31
"""Bytes of the maps around one layer of the whole picture in float32, beyond which it is painted in tiles."""
FLOAT = 4


def needs_tiles(network: Network, size: Size) -> bool:
    """For a picture of this height and width; a net that cannot be tiled is not. Errors: as `fitting_size`"""
    fitting = fitting_size(network, size)
    try:
        return whole_bytes(steps_of(network, fitting)) > MOST
    except DiagnosticsError:
        return False


def whole_bytes(steps: dict[int, Step]) -> int:
    """What the widest layer reads and writes at once."""
    return FLOAT * max(
        step.output.numel + sum(steps[source].output.numel for source in step.inputs) for step in steps.values()
    )

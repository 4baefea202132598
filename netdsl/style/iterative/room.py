"""Memory that painting takes, worked out before anything is painted."""

import os
from dataclasses import dataclass
from pathlib import Path

import torch

from netdsl.diagnostics import fail
from netdsl.style.iterative.fit import numbers_kept
from netdsl.style.iterative.objective import Terms
from netdsl.style.iterative.settings import Settings
from netdsl.style.iterative.windows import largest_seen
from netdsl.style.loss.memory import FLOAT, kept, passing, per_pixel
from netdsl.style.loss.network import LossNetwork
from netdsl.tasks.engine.memory_budget import text

GROUP = Path("/sys/fs/cgroup")
UNBOUND = 2**63
TILES = (1024, 512, 256)
"""What is proposed where the whole does not fit."""


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes at the largest size: of feature maps with what backward keeps and makes, and of the optimizer."""

    maps: int
    optimizer: int

    @property
    def whole(self) -> int:
        return self.maps + self.optimizer


def need(
    network: LossNetwork, terms: Terms, size: tuple[int, int], optimizer: str, tile: int | None, style: int
) -> Need:
    """For a picture of height x width, and a style of so many pixels.

    With tiles the content's features are whole all the same. Styles are looked at before, without gradients: their
    first two maps at once, and those of the style layers.
    """
    pixels = size[0] * size[1]
    seen = pixels if tile is None else min(pixels, largest_seen(size, tile, network.halo, network.jump))
    styles = terms.style_layers if terms.style else ()
    kept_whole = terms.content_layers if terms.content else {}
    content = sum(per_pixel(network, layer) for layer in kept_whole) * network.dtype.itemsize
    styled = style if tile is None else min(style, (tile + 2 * network.halo) ** 2)
    ahead = styled * (kept(network, styles) // 2)
    maps = max(seen * (kept(network, styles) + passing(network)), ahead) + round(pixels * content)
    return Need(maps, 3 * pixels * FLOAT * numbers_kept(optimizer, 3 * pixels))


def check_room(
    settings: Settings, network: LossNetwork, terms: Terms, size: tuple[int, int], style: int, place: torch.device
) -> None:
    """Errors: DiagnosticsError with NET659 where more is needed than there is, with what would fit"""
    free = free_memory(place)
    asked = need(network, terms, size, settings.optimizer, settings.tile, style)
    if free is None or asked.whole <= free:
        return
    longer = max(size)

    def fits(side: int, tile: int | None) -> bool:
        there = (max(1, size[0] * side // longer), max(1, size[1] * side // longer))
        styled = style * side**2 // longer**2 if settings.style_size is None else style
        return need(network, terms, there, settings.optimizer, tile, styled).whole <= free

    tile = next((tile for tile in TILES if tile < min(longer, settings.tile or longer) and fits(longer, tile)), None)
    smaller = next((side for side in range(longer - longer % 16, 63, -16) if fits(side, settings.tile)), None)
    ways = [f"--tile {tile}"] if tile is not None else []
    ways += [f"--size {smaller}"] if smaller is not None else []
    fail(
        "NET659",
        f"painting {size[1]}x{size[0]} pixels does not fit into memory",
        expected=f"{text(free)}, which are free",
        found=f"about {text(asked.whole)}: maps {text(asked.maps)}, {settings.optimizer} {text(asked.optimizer)}",
        note=" or ".join(ways) + " would fit" if ways else "close what else takes memory",
    )


def free_memory(place: torch.device) -> int | None:
    """Bytes that can be had without taking them from others; None where the system does not say.

    On Linux what the kernel calls available, or what the process's group may still take, whichever is less.
    """
    if place.type == "cuda":
        return int(torch.cuda.mem_get_info(place)[0])
    if place.type != "cpu":
        return None
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text("ascii").splitlines())
        available = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        names = os.sysconf_names if hasattr(os, "sysconf_names") else {}
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if "SC_PHYS_PAGES" in names else None
    return min(available, _allowed())


def _allowed(group: Path = GROUP) -> int:
    """What a control group with a limit leaves; the files that it keeps in memory go when room is needed."""
    try:
        most = (group / "memory.max").read_text("ascii").strip()
        taken = int((group / "memory.current").read_text("ascii"))
        fields = dict(line.split() for line in (group / "memory.stat").read_text("ascii").splitlines())
        return int(most) - taken + int(fields["inactive_file"]) if most.isdigit() else UNBOUND
    except (OSError, ValueError, KeyError):
        return UNBOUND  # no such groups here

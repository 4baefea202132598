"""Pictures larger than memory through Table 5.1's net: what tiles take, and how far they are from the whole picture.

`--short` takes smaller pictures.
"""

import json
import sys

from measure import Figure, run, script, show

ROOM = 2560
"""MiB."""
FARTHEST, ROUNDING = 1.0, 0.01
"""Of 255, in the mean: what a tiled picture may be from the whole, and what a float32 is off anyway."""


def figures() -> list[Figure]:
    large, small, tile = (1024, 256, 64) if "--short" in sys.argv[1:] else (4096, 1024, 256)
    done = run(script("style_tiles.py", "memory", str(large)))
    painted = json.loads(done.output)
    apart = json.loads(run(script("style_tiles.py", "whole", str(small), str(tile))).output)["float32"]
    at_borders, inside = apart["mean_at_borders"], apart["mean_inside"]
    return [
        Figure(
            f"{large}x{large} through Table 5.1's net by tiles of {painted['tile']}, peak memory of the process",
            f"under {ROOM:,} MiB",
            f"{done.peak:,.0f} MiB, {painted['cpu_seconds']:.0f} CPU s",
            done.peak < ROOM,
        ),
        Figure(
            f"{small}x{small} by tiles of {tile} against the whole picture, mean difference",
            f"at most {FARTHEST:g} of 255",
            f"{apart['mean']:.2g} of 255",
            apart["mean"] <= FARTHEST,
        ),
        Figure(
            "the same within 4 pixels of a tile's border, against elsewhere",
            f"no larger, beyond {ROUNDING:g}",
            f"{at_borders:.2g} of 255 against {inside:.2g}",
            at_borders <= max(inside, ROUNDING),
        ),
    ]


if __name__ == "__main__":
    show(figures)

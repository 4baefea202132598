"""The dense layer: a body whose output is put behind its input."""

from collections.abc import Mapping
from typing import Any

from netdsl.blocks.base import UNKNOWN, Site, block, sizes_text
from netdsl.diagnostics import Problem
from netdsl.layers.attributes import Attribute


@block("dense")
class Dense:
    """`concat { id | body }`: the input's channels, then the body's.

    Shape:  in_channels + the body's channels, the size unchanged
    Params: those of the body
    Errors: NET301 when the body changes the size
    Source: Huang et al. 2016, arXiv:1608.06993, equation 2
    """

    name: str
    signature: tuple[Attribute, ...] = ()

    def expand(self, site: Site, given: Mapping[str, Any]) -> int:
        body = site.body()
        if UNKNOWN in (body, site.here):
            return UNKNOWN
        x, y = site.shape(site.here), site.shape(body)
        if x.size != y.size:
            site.report(
                Problem(
                    "NET301",
                    "the body of `dense` changes the size of the map, so nothing can be put behind its input",
                    expected=f"a body whose output is {sizes_text(x)}, like its input",
                    found=f"{x} in, {y} out of the body",
                )
            )
            return UNKNOWN
        return site.join("concat", (site.here, body))

"""The residual unit: a body and a shortcut around it."""

from collections.abc import Mapping
from typing import Any

from netdsl.blocks.base import UNKNOWN, Site, block, sizes_text
from netdsl.diagnostics import Problem
from netdsl.geometry import FeatureMap
from netdsl.layers.attributes import NUMBER, PROBABILITY, TAG, Attribute, word

Norm = tuple[str, Mapping[str, Any]] | None


@block("residual")
class Residual:
    """The sum of a body and a shortcut: the input itself where the shape is kept, a projection to it elsewhere.

    Shape:  that of the body
    Params: those of the body, and in_channels * out_channels and a norm's for a projection
    Errors: NET308 when no stride takes the input to the size of the body's output
    Source: He et al. 2015, arXiv:1512.03385, sections 3.2 and 3.3: options A, B, C are `pad`, `auto`, `projection`;
            drop_path: Huang et al. 2016, arXiv:1603.09382; scale: Szegedy et al. 2016, arXiv:1602.07261, section 3.3
    """

    name: str
    signature = (
        Attribute("shortcut", word("auto", "pad", "projection", "none"), "auto"),
        Attribute("project", TAG, None),
        Attribute("drop_path", PROBABILITY, 0),
        Attribute("scale", NUMBER, 1),
    )

    def expand(self, site: Site, given: Mapping[str, Any]) -> int:
        body = site.body()
        if UNKNOWN in (body, site.here):
            return UNKNOWN
        norm = site.final_norm(body)
        lost = norm is None and not given.get("project") and site.norm_is_inside(body)
        if given.get("scale", 1) != 1:
            body = site.place("times", {"factor": given["scale"]}, body)
        if given.get("drop_path", 0):
            body = site.place("drop_path", {"p": given["drop_path"]}, body)
        option = given.get("shortcut", "auto")
        kept = site.shape(body) == site.shape(site.here)
        if option == "none" and not kept:
            return body
        if kept and option != "projection":
            shortcut = site.here
        else:
            shortcut = self._changed(site, given, body, norm, padded=option == "pad")
            if lost and option != "pad":
                site.report(WITHOUT_NORM, "warning")
        return UNKNOWN if shortcut == UNKNOWN else site.join("add", (body, shortcut))

    def _changed(self, site: Site, given: Mapping[str, Any], body: int, norm: Norm, padded: bool) -> int:
        """A shortcut that changes the shape: zeros for the new channels, or a 1x1 convolution."""
        start = site.tagged(given["project"].name) if given.get("project") else site.here
        if start == UNKNOWN:
            return UNKNOWN
        x, y = site.shape(start), site.shape(body)
        stride = _stride(x, y)
        if stride is None:
            site.report(_misfit(x, y, f"a body whose output is {sizes_text(x)}, or that divided by a stride"))
            return UNKNOWN
        if padded and y.channels < x.channels:
            site.report(_misfit(x, y, f"at least {x.channels} channels, since `pad` adds channels and drops none"))
            return UNKNOWN
        if padded:
            return site.place("subsample", {"out_channels": y.channels, "stride": stride}, start, "shortcut")
        projection = {"kernel_size": 1, "out_channels": y.channels, "stride": stride}
        end = site.place("conv", projection, start, "shortcut")
        return site.place(*norm, end, "shortcut") if norm and end != UNKNOWN else end


WITHOUT_NORM = Problem(
    "NET360",
    "the shortcut of this `residual` is a projection without a norm",
    expected="a body that ends in a norm, which the projection then ends in as well",
    found="a norm inside the body and another op at its end",
    help="to norm the shortcut, write both branches out: `add { ... | C1-64/2 B }`",
)


def _stride(x: FeatureMap, y: FeatureMap) -> tuple[int, ...] | None:
    """The stride of a 1x1 window that takes each axis of x to y: ceil(n / stride) = m."""
    if len(x.size) != len(y.size):
        return None
    strides = []
    for n, m in zip(x.size, y.size, strict=True):
        fitting = [s for s in (n // m, -(-n // m)) if s and -(-n // s) == m]
        if not fitting:
            return None
        strides.append(fitting[0])
    return tuple(strides)


def _misfit(x: FeatureMap, y: FeatureMap, expected: str) -> Problem:
    return Problem(
        "NET308",
        "no shortcut leads from the input of `residual` to the output of its body",
        expected=expected,
        found=f"{x} in, {y} out of the body",
    )

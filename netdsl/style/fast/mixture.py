"""Several styles in one picture: a convex combination of their scales and shifts, the thesis's equation 5.14."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from netdsl.diagnostics import fail
from netdsl.layers.attributes import nearest


def weights_of(names: Sequence[str], wanted: Mapping[str, float]) -> Tensor:
    """A weight for each of the net's styles, their sum 1, from those that are named.

    Errors: DiagnosticsError with NET674 for a style that the net has not learned, or nothing but zeros
    """
    for name in wanted:
        if name not in names:
            close = nearest(name, list(names))
            fail(
                "NET674",
                f"the net has not learned the style `{name}`",
                expected=", ".join(names),
                found=name,
                note=f"did you mean `{close}`?" if close else "add it: netdsl train --add-style FILE --init-from RUN",
            )
    whole = sum(wanted.values())
    if whole <= 0:
        fail(
            "NET674",
            "there is nothing to paint with: no style counts" if wanted else "the net has learned several styles",
            expected=f"a style, or several with weights above 0: --style '{names[0]}:0.7,{names[-1]}:0.3'",
            found=", ".join(f"{name}:{weight:g}" for name, weight in wanted.items()) or "no --style",
            note=f"its styles: {', '.join(names)}; --style all shows them",
        )
    return torch.tensor([wanted.get(name, 0.0) / whole for name in names])


def between(names: Sequence[str], first: str, last: str, count: int) -> list[Tensor]:
    """The weights of a row of mixtures, from all of one style to all of another."""
    ends = weights_of(names, {first: 1.0}), weights_of(names, {last: 1.0})
    return [torch.lerp(*ends, step / (count - 1)) for step in range(count)]

"""Weights of a net whose condition had fewer values, for one that has more."""

from collections.abc import Mapping

from torch import Tensor, nn

from netdsl.modules.condition import ConditionalInstanceNorm


def with_more_values(module: nn.Module, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors, where a conditional norm's table has fewer rows than the module's with rows behind them.

    A new value begins in the middle of the others: with the mean of their scales, and of their shifts. Norms without a
    condition have one row for all.
    """
    found = dict(tensors)
    for name, part in module.named_modules():
        for kind in ("weight", "bias") if isinstance(part, ConditionalInstanceNorm) else ():
            have, wanted = found.get(f"{name}.{kind}"), getattr(part, kind).shape
            if have is None or have.shape[-1] != wanted[1] or have.dim() > 2:
                continue
            rows = have.reshape(-1, wanted[1])
            if len(rows) < wanted[0]:
                found[f"{name}.{kind}"] = rows.new_empty(wanted).copy_(rows.mean(0))
                found[f"{name}.{kind}"][: len(rows)] = rows
    return found

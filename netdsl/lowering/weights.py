"""Weights to and from safetensors files; the one place where foreign names are mapped to ours."""

import re
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from netdsl.atomic import written_beside
from netdsl.diagnostics import fail

Group = dict[str, Tensor]
"""The tensors of one layer: weight, bias, running_mean, ..."""

COUNTER = "num_batches_tracked"


def save_weights(module: nn.Module, path: str | Path) -> None:
    """Write parameters and buffers: nothing else, so equal weights give equal bytes. Whole or not at all.

    Errors: OSError from the file system.
    """
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in module.state_dict().items()}
    with written_beside(Path(path)) as beside:
        try:
            save_file(tensors, beside)
        except SafetensorError as error:  # what safetensors makes of a full disk
            raise OSError(None, str(error), str(path)) from error


def load_weights(module: nn.Module, path: str | Path) -> None:
    """Load all weights of a module from a safetensors file: by name, else by order where every shape fits.

    Errors: DiagnosticsError with NET520 for a file that cannot be read, NET521 where names and shapes leave a doubt.
    """
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        fail("NET520", f"`{path}` cannot be read as weights", expected="a safetensors file", found=str(error))
    own = module.state_dict()
    mapped = _by_name(own, tensors) or _by_order(own, tensors)
    if mapped is None:
        fail(
            "NET521",
            f"the weights in `{path}` are not those of this net",
            expected=_described(own),
            found=_described(tensors),
            note=_difference(own, tensors),
        )
    dtypes = {name: tensor.dtype for name, tensor in own.items()}
    module.load_state_dict({name: tensor.to(dtypes[name]) for name, tensor in mapped.items()})


def _by_name(own: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> dict[str, Tensor] | None:
    needed = {name for name in own if not name.endswith(COUNTER)}
    if not needed <= tensors.keys() <= own.keys():
        return None
    if any(own[name].shape != tensor.shape for name, tensor in tensors.items()):
        return None
    return {**own, **tensors}


def _by_order(own: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> dict[str, Tensor] | None:
    """Layer by layer in order. Files sort their keys, so layers under one number are told apart by shape alone."""
    ours = list(_groups(own).items())
    theirs = sorted(_groups(tensors).items(), key=lambda group: _natural(group[0]))
    if len(ours) != len(theirs):
        return None
    mapped = dict(own)
    position = 0
    for segment in _segments(theirs):
        count = len(segment)
        for name, group in ours[position : position + count]:
            match = next((i for i, other in enumerate(segment) if _fits(group, other)), None)
            if match is None:
                return None
            mapped |= {f"{name}.{key}": tensor for key, tensor in segment.pop(match).items()}
        position += count
    return mapped


def _groups(tensors: Mapping[str, Tensor]) -> dict[str, Group]:
    groups: dict[str, Group] = {}
    for name, tensor in tensors.items():
        layer, _, key = name.rpartition(".")
        groups.setdefault(layer, {})[key] = tensor
    return groups


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts `features.10` behind `features.9`."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _segments(theirs: list[tuple[str, Group]]) -> list[list[Group]]:
    """Runs of layers under one number: the three layers of `features.3`, each alone without numbers."""
    segments: dict[str, list[Group]] = {}
    for name, group in theirs:
        numbered = re.match(r"(?:.*\.)?\d+(?=\.)", name)
        segments.setdefault(numbered[0] if numbered else name, []).append(group)
    return list(segments.values())


def _fits(ours: Group, theirs: Group) -> bool:
    needed = ours.keys() - {COUNTER}
    return needed <= theirs.keys() <= ours.keys() and all(ours[k].shape == t.shape for k, t in theirs.items())


def _described(tensors: Mapping[str, Tensor]) -> str:
    return f"{len(tensors)} tensors, {sum(t.numel() for t in tensors.values()):,} numbers"


def _difference(own: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> str:
    """The first places where the two lists part."""
    ours = [n for n in own if not n.endswith(COUNTER)]
    theirs = sorted(tensors, key=_natural)
    missing = [n for n in ours if n not in tensors]
    if missing and len(missing) < len(ours):
        return "not in the file: " + ", ".join(missing[:4]) + (", ..." if len(missing) > 4 else "")
    shapes = [f"{n} {tuple(own[n].shape)}" for n in ours[:3]], [f"{n} {tuple(tensors[n].shape)}" for n in theirs[:3]]
    return "the net starts with " + ", ".join(shapes[0]) + "; the file with " + ", ".join(shapes[1])

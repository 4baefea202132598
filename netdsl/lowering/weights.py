"""Weights to and from files; the one place where foreign names are mapped to ours."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NoReturn

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor, nn

from netdsl.atomic import written_beside
from netdsl.diagnostics import fail
from netdsl.lowering.weight_files import read_tensors
from netdsl.lowering.weight_order import COUNTER, Doubt, Group, by_order, groups, natural, same_form

SHOWN = 4  # names of tensors in a message


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
    """Load all weights of a module from a file, safetensors or torch's: by name, else by order where every shape fits.

    Nothing is loaded in part: on any doubt the module stays as it was. A file in another floating-point type is
    converted. `weight_order` says what the order is taken from. `num_batches_tracked` may be missing.

    Errors: DiagnosticsError with NET520 for a file that cannot be read, NET521 where names and shapes leave a doubt.
    """
    tensors = read_tensors(path)
    own = module.state_dict()
    needed = {name for name in own if not name.endswith(COUNTER)}
    if needed <= tensors.keys() or (tensors and tensors.keys() <= own.keys()):
        _check_names(own, needed, tensors, str(path))
        mapped: Mapping[str, Tensor] = tensors
    else:
        found = by_order(own, tensors)
        if isinstance(found, Doubt):
            _report(found, own, tensors, str(path))
        mapped = found
    complete = {name: mapped.get(name, tensor).to(tensor.dtype) for name, tensor in own.items()}
    if any(tensor.is_meta for tensor in own.values()):  # nothing is there yet to copy into
        complete = {n: torch.zeros_like(t, device="cpu") if t.is_meta else t for n, t in complete.items()}
        module.load_state_dict(complete, assign=True)
    else:
        module.load_state_dict(complete)


def _check_names(own: Mapping[str, Tensor], needed: set[str], tensors: Mapping[str, Tensor], path: str) -> None:
    """The names are the net's: then each must be there, in its shape, and no other."""
    missing = [name for name in own if name in needed and name not in tensors]
    unknown = sorted(tensors.keys() - own.keys(), key=natural)
    other = [name for name in own if name in tensors and not same_form(own[name], tensors[name])]
    if missing:
        _refuse(path, f"all {len(needed)} tensors of the net", "without " + _several(missing))
    if unknown:
        _refuse(path, f"the {len(needed)} tensors of the net and no others", "also " + _several(unknown))
    if other:
        ours, theirs = ({name: tensors_[name] for name in other} for tensors_ in (own, tensors))
        _refuse(path, _several(_shapes(ours)), _several(_shapes(theirs)))


def _report(doubt: Doubt, own: Mapping[str, Tensor], tensors: Mapping[str, Tensor], path: str) -> NoReturn:
    ours, theirs = groups(own), groups(tensors)
    counts = f"layers with weights: {len(ours)} in the net, {len(theirs)} in the file"
    if doubt.ambiguous:
        fail(
            "NET521",
            f"the names in `{path}` do not say which layer is which",
            expected="one order that fits the net's shapes, or the net's own names",
            found=" or ".join(f"`{name}`" for name in doubt.candidates) + f" could be `{doubt.layer}`",
            note=f"number the layers in the file in the order in which they run, or rename them: `{doubt.layer}`, ...",
        )
    following = _several(f"`{name}` ({_group(theirs[name])})" for name in doubt.candidates)
    expected = f"`{doubt.layer}` ({_group(ours[doubt.layer])})" if doubt.layer else "no more layers"
    _refuse(path, expected, following or "no more layers", counts)


def _refuse(path: str, expected: str, found: str, note: str = "") -> NoReturn:
    fail("NET521", f"the weights in `{path}` are not those of this net", expected=expected, found=found, note=note)


def _several(names: Iterable[str]) -> str:
    every = list(names)
    return ", ".join(every[:SHOWN]) + (f" and {len(every) - SHOWN} more" if len(every) > SHOWN else "")


def _shapes(tensors: Group) -> list[str]:
    return [f"{name} {_shape(tensor)}" for name, tensor in tensors.items()]


def _group(tensors: Group) -> str:
    return ", ".join(_shapes({name: tensor for name, tensor in tensors.items() if name != COUNTER}))


def _shape(tensor: Tensor) -> str:
    whole = "" if tensor.is_floating_point() else f" of {tensor.dtype}".replace("torch.", "")
    return ("x".join(map(str, tensor.shape)) or "1") + whole

"""Weights in safetensors files: numbers and their names, nothing else, so that equal weights are equal bytes."""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from netdsl.diagnostics import fail
from netdsl.lowering.weights import save_weights

SHOWN = 5  # names of tensors in a message


def save_checkpoint(module: nn.Module, path: Path) -> None:
    """All parameters and buffers under their module names, whole or not at all; raises OSError."""
    save_weights(module, path)
    path.chmod(path.parent.stat().st_mode & 0o666)  # safetensors lets only the owner read; as open as the folder


def load_checkpoint(module: nn.Module, path: Path) -> None:
    """Every tensor of the module from the file, or an error that says what does not fit; never a part."""
    if not path.is_file():
        fail("NET554", f"`{path}` is not there", note="it is written after each epoch; train again")
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        fail("NET554", f"`{path}` cannot be read", expected="a safetensors file", found=str(error))
    have = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if have != found:
        fail(
            "NET555",
            f"the weights in `{path}` do not fit the net",
            expected=_shown(have, found),
            found=_shown(found, have),
            note="config.yaml, the net's file and model.safetensors must be of the same run",
        )
    module.load_state_dict(tensors)


def _shown(these: dict[str, tuple[int, ...]], others: dict[str, tuple[int, ...]]) -> str:
    differing = [f"{name} {'x'.join(map(str, shape))}" for name, shape in these.items() if others.get(name) != shape]
    more = f" and {len(differing) - SHOWN} more" if len(differing) > SHOWN else ""
    return ", ".join(differing[:SHOWN]) + more or "no more tensors"

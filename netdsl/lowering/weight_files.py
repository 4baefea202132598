"""Files of weights from anywhere: safetensors, or torch's own, of which nothing but tensors is read."""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from netdsl.diagnostics import fail

WRAPPERS = ("state_dict", "model_state_dict", "model")
"""Under which a checkpoint keeps the weights beside other things."""
PARALLEL = "module."  # what torch's DataParallel puts before every name
TORCH = (".pt", ".pth", ".bin", ".ckpt")


def read_tensors(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a file by their names, on the CPU.

    A torch file is a pickle; `weights_only` unpickles tensors and plain values, and refuses all else unrun.
    Errors: DiagnosticsError with NET520 for a file that cannot be read or holds no weights
    """
    path = Path(path)
    try:
        if path.suffix in TORCH:
            return _named(torch.load(path, map_location="cpu", weights_only=True), path)
        return load_file(path)
    except (OSError, SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        expected = "tensors and nothing that could run" if path.suffix in TORCH else "a safetensors file"
        if path.suffix not in TORCH:
            expected += f", or a torch file, {', '.join(TORCH[:2])}"
        first = str(error).strip().partition("\n")[0]
        fail("NET520", f"`{path}` cannot be read as weights", expected=expected, found=first or type(error).__name__)


def _named(content: Any, path: Path) -> dict[str, Tensor]:
    for wrapper in WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
    tensors = {}
    if isinstance(content, Mapping):
        tensors = {str(name): value for name, value in content.items() if isinstance(value, Tensor)}
    if not tensors:
        fail(
            "NET520",
            f"`{path}` holds no weights",
            expected="tensors by name, or those under one of: " + ", ".join(WRAPPERS),
            found=type(content).__name__,
        )
    if all(name.startswith(PARALLEL) for name in tensors):
        tensors = {name.removeprefix(PARALLEL): tensor for name, tensor in tensors.items()}
    return tensors

"""A run's state on the disk: one safetensors file that knows its own checksum, and the one before it."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from netdsl.atomic import written_beside
from netdsl.diagnostics import fail

STATE, PREVIOUS = "state.safetensors", "state.previous.safetensors"

State = tuple[dict[str, Tensor], dict[str, Any]]
"""Tensors by name, and facts that JSON can hold."""


class DamagedError(Exception):
    """A state file that is not as it was written; the text says how."""


def write_state(folder: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Replace the state; at every moment a whole one, this or the one before, stands in the folder. Raises OSError."""
    whole = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    text = json.dumps(facts, sort_keys=True)
    with written_beside(folder / STATE) as beside:
        try:
            save_file(whole, beside, {"facts": text, "sha256": _checksum(whole, text)})
        except SafetensorError as error:  # what safetensors makes of a full disk
            raise OSError(None, str(error), str(folder / STATE)) from error
        beside.chmod(folder.stat().st_mode & 0o666)  # safetensors lets only the owner read; as open as the folder
        if (folder / STATE).exists():
            (folder / STATE).replace(folder / PREVIOUS)


def read_state(folder: Path) -> tuple[State | None, list[str]]:
    """The newest state that is whole, None where there never was one, and what is wrong with those that are not.

    Reports: NET557 when there are state files and none of them is whole
    """
    complaints: list[str] = []
    for path in (folder / STATE, folder / PREVIOUS):
        if path.exists():
            try:
                return _read(path), complaints
            except DamagedError as error:
                complaints.append(f"`{path}` is damaged: {error}")
    if complaints:
        fail(
            "NET557",
            f"the state of `{folder}` cannot be read",
            expected="a file as it was written",
            found="; ".join(complaints),
            note=f"train again: netdsl train --config {folder}",
        )
    return None, complaints


def has_state(folder: Path | None) -> bool:
    return folder is not None and any((folder / name).exists() for name in (STATE, PREVIOUS))


def remove_state(folder: Path) -> None:
    for name in (STATE, PREVIOUS):
        (folder / name).unlink(missing_ok=True)


def _read(path: Path) -> State:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, UnicodeDecodeError) as error:
        raise DamagedError(" ".join(str(error).split())) from None
    text = metadata.get("facts", "")
    if metadata.get("sha256") != _checksum(tensors, text):
        raise DamagedError("its checksum is not that of its contents")
    facts: dict[str, Any] = json.loads(text)
    return tensors, facts


def _checksum(tensors: Mapping[str, Tensor], text: str) -> str:
    """Of names, types, shapes and numbers, and of the facts."""
    digest = hashlib.sha256(text.encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()

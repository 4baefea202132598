"""`--init-from`: the weights that a training begins with, from a run folder or a file."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from netdsl.diagnostics import fail
from netdsl.ir.network import Network
from netdsl.ir.parts import part, tensor_at, upstream
from netdsl.lowering import to_torch
from netdsl.lowering.more_values import with_more_values
from netdsl.lowering.take_weights import Taken, take_weights
from netdsl.lowering.weight_files import read_tensors
from netdsl.tasks.runs import net_source
from netdsl.tasks.runs.run_folder import BEST, CONFIG, MODEL, read_config
from netdsl.tasks.setup.config import TrainConfig


@dataclass(frozen=True, slots=True)
class Inherited:
    """Weights by our names, and where they come from."""

    path: Path
    sha256: str
    taken: Taken
    weights: Mapping[str, Tensor]
    shapes: Mapping[str, str]
    """Of each layer of the net, the shape of its weight."""


def inherit(network: Network, config: TrainConfig, new: Collection[str]) -> Inherited:
    """What fits of `config.init_from`, but nothing for the layers `new`.

    Errors: NET520 for a file that cannot be read, NET552 and NET553 for a folder that is no run, NET570 when nothing
    fits, NET572 for weights that `config.init_sha256` says were others.
    """
    assert config.init_from is not None
    run, path = _run_of(config.init_from)
    if config.init_sha256 is not None:
        _check_same(path, config.init_sha256)
    other = None if run is None else net_source.rebuild(read_config(run).get("net", {}), run).compile()
    with torch.device("meta"):
        module = to_torch(network)
    own, tensors = module.state_dict(), with_more_values(module, read_tensors(path))
    taken = take_weights(network, own, tensors, other, new, _within(network, config.init_to, config.init_parts))
    if not taken.tensors:
        fail(
            "NET570",
            f"none of the weights in `{path}` fits the net `{network.name}`",
            expected=_some(_shapes(own)),
            found=_some(_shapes(tensors)),
            note="only layers of equal shapes can take each other's weights",
        )
    weights = {name: tensors[their].to(own[name].dtype) for name, their in taken.tensors.items()}
    return Inherited(config.init_from, sha256(path), taken, weights, _shapes(own))


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def as_settings(config: TrainConfig, inherited: Inherited | None) -> dict[str, Any]:
    """For config.yaml."""
    if inherited is None:
        return {"init_from": None, "replace_head": bool(config.replace_head)}
    taken = inherited.taken
    return {
        "init_from": {
            "path": str(inherited.path),
            "sha256": inherited.sha256,
            "to": config.init_to,
            "parts": list(config.init_parts),
            "how": taken.how,
            "taken": len(taken.layers),
            "new": list(taken.new),
            "left_over": list(taken.left_over),
        },
        "replace_head": bool(config.replace_head),
    }


def taken_back(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Of a run's config.yaml, what `TrainConfig` needs to begin with the same weights."""
    found = kept.get("init_from")
    filled: dict[str, Any] = {"replace_head": kept.get("replace_head") is True}
    if isinstance(found, Mapping) and isinstance(found.get("path"), str):
        filled["init_from"] = Path(found["path"])
        parts, to, digest = found.get("parts"), found.get("to"), found.get("sha256")
        filled["init_parts"] = tuple(map(str, parts)) if isinstance(parts, list) else ()
        filled["init_to"] = to if isinstance(to, str) else None
        filled["init_sha256"] = digest if isinstance(digest, str) else None
    return filled


def _run_of(given: Path) -> tuple[Path | None, Path]:
    """The run that weights belong to, if they do, and their file."""
    if given.is_dir():
        return given, given / MODEL
    return (given.parent if given.name in (MODEL, BEST) and (given.parent / CONFIG).is_file() else None), given


def _within(network: Network, to: str | None, parts: Iterable[str]) -> frozenset[str] | None:
    """The layers that may take weights, by name; None for all."""
    named = [part(network, name) for name in parts]
    if to is not None:
        named.append(upstream(network, tensor_at(network, to)))
    return frozenset(network.module_name(i) for nodes in named for i in nodes) if named else None


def _check_same(path: Path, expected: str) -> None:
    found = sha256(path) if path.is_file() else "no such file"
    if found != expected:
        fail(
            "NET572",
            f"`{path}` does not hold the weights that the run began with",
            expected=f"sha256 {expected}",
            found=found if not path.is_file() else f"sha256 {found}",
            note="restore them, or name the weights to begin with now by --init-from",
        )


def _shapes(tensors: Mapping[str, Tensor]) -> dict[str, str]:
    shapes: dict[str, str] = {}
    for name, tensor in tensors.items():
        shapes.setdefault(name.rpartition(".")[0], "x".join(map(str, tensor.shape)) or "1")
    return shapes


def _some(shapes: Mapping[str, str]) -> str:
    listed = [f"{name} {shape}" for name, shape in shapes.items()]
    return ", ".join(listed[:4]) + (f" and {len(listed) - 4} more" if len(listed) > 4 else "")

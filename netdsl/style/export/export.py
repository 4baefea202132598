"""Nets as ONNX files, each tried in onnxruntime against torch before it is kept."""

import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from netdsl.atomic import written_beside
from netdsl.diagnostics import fail
from netdsl.style.export.graph import Graph, Painting

PACKAGES = ("onnx", "onnxruntime", "onnxscript")
TOLERANCE = 1e-3
"""The greatest difference of the two outputs, in parts of torch's greatest number."""
AXES = {"H": "height", "W": "width"}
IMAGES = 2
"""So many it is exported with: of one the exporter would take the axis for fixed."""

Shapes = dict[str, list[int | str]]
"""By the name of an input or output; a name or a formula where a size is open."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The file, and how far it is from torch: the greatest difference of two numbers, at the sizes that were tried."""

    path: Path
    inputs: Shapes
    outputs: Shapes
    difference: float
    tried: list[list[int]]
    opset: int


def check_packages() -> None:
    """Reports NET664 where a package is missing, before anything else takes time."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        fail(
            "NET664",
            "exporting needs packages that are not installed",
            expected=", ".join(f"the package {name}" for name in PACKAGES),
            found=f"no {', no '.join(missing)}",
            note="install them: pip install 'netdsl[onnx]'",
        )


def export(graph: Graph, path: Path) -> Exported:
    """Write the net as ONNX, whole or not at all, once onnxruntime gives what torch gives.

    Errors: DiagnosticsError with NET664 for a net that torch cannot export, and where the two differ; OSError
    """
    example = _inputs(graph, IMAGES, graph.shapes[0][1:], 0)
    first = {0: "batch", **{axis: AXES.get(letter, letter) for axis, letter in graph.free.items()}}
    others: tuple[Any, ...] = tuple({0: "batch"} for _ in graph.inputs[1:])
    if others and isinstance(graph.module, Painting):  # which gathers what comes behind the first
        others = (others,)
    with _quiet():
        try:
            program = torch.onnx.export(
                graph.module,
                tuple(example),
                dynamo=True,
                verbose=False,
                input_names=list(graph.inputs),
                output_names=list(graph.outputs),
                dynamic_shapes=(first, *others),
            )
        except torch.onnx.errors.OnnxExporterError as error:
            cause = error.__cause__ or error
            fail(
                "NET664",
                f"torch cannot export `{graph.network.name}`",
                expected="layers that ONNX knows",
                found=" ".join(str(cause).split())[:300] or type(cause).__name__,
            )
    assert program is not None
    program.model.metadata_props.update({"net": graph.network.name, "sizes": graph.sizes, **graph.facts})
    with written_beside(path) as beside:
        program.save(str(beside), external_data=False)
        inputs, outputs, difference, tried = _checked(graph, beside)
    return Exported(path, inputs, outputs, difference, tried, int(program.model.opset_imports[""]))


def _checked(graph: Graph, file: Path) -> tuple[Shapes, Shapes, float, list[list[int]]]:
    """Names and shapes of inputs and outputs, the greatest difference from torch, the shapes that were tried."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    worst, tried = 0.0, []
    for number, size in enumerate(graph.trials, 1):
        given = _inputs(graph, 2 * number - 1, size, number)
        tried.append(list(given[0].shape))
        fed = {name: x.numpy() for name, x in zip(graph.inputs, given, strict=True)}
        with torch.inference_mode():
            expected = graph.reference(*given)
        parts = list(expected.values()) if isinstance(expected, dict) else [expected]
        for name, found, part in zip(graph.outputs, session.run(None, fed), parts, strict=True):
            right = part.float().numpy()
            same = found.shape == right.shape
            difference = float(np.abs(found - right).max()) if same else float("inf")
            if not difference <= TOLERANCE * float(np.abs(right).max()):
                fail(
                    "NET664",
                    f"onnxruntime does not give what torch gives for `{graph.network.name}`",
                    expected=f"`{name}` {_by(right.shape)}, the same to {TOLERANCE:g} of its greatest number",
                    found=f"a difference of {difference:.3g} for {_by(given[0].shape)}" if same else _by(found.shape),
                )
            worst = max(worst, difference)
    inputs, outputs = (
        {each.name: each.shape for each in ends} for ends in (session.get_inputs(), session.get_outputs())
    )
    return inputs, outputs, worst, tried


def _by(shape: Iterable[object]) -> str:
    return "x".join(map(str, shape))


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's remarks: on torchvision, which it would take operators from, and on its own insides."""
    log = logging.getLogger("torch.onnx._internal.exporter._registration")
    before = log.level
    log.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            log.setLevel(before)


def _inputs(graph: Graph, images: int, size: tuple[int, ...], seed: int) -> list[Tensor]:
    """Random ones: pictures of 0 to 255 or normal numbers, and mixtures with weights whose sum is 1."""
    random = torch.Generator().manual_seed(seed)
    shape = (images, graph.shapes[0][0], *size)
    x = 255 * torch.rand(shape, generator=random) if graph.levels else torch.randn(shape, generator=random)
    return [x, *(torch.rand(images, *shape, generator=random).softmax(1) for shape in graph.shapes[1:])]

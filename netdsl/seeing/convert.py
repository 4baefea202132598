"""`netdsl convert --fully-convolutional`: a net, or a run with its weights, in the form that takes larger images."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor, nn

from netdsl.compiler import Pipeline
from netdsl.convolving import Convolved, fully_convolutional
from netdsl.geometry import FeatureMap
from netdsl.lowering import load_weights
from netdsl.lowering.convolved_weights import convolved_weights
from netdsl.seeing.written import check_new
from netdsl.tasks.evaluation.trained import open_run
from netdsl.tasks.runs.checkpoint import save_checkpoint
from netdsl.tasks.runs.net_source import FOLDER, build
from netdsl.tasks.runs.run_folder import BEST, CONFIG, METRICS, MODEL, RESULT, RunFolder, read_config, whole

PROBES = 2
"""Images of noise on which a net and its form are compared."""
WEIGHTS = ".safetensors"


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of a net. `written` are the files, the text's first."""

    convolved: Convolved
    written: tuple[Path, ...] = ()
    difference: float | None = None
    """Of the two nets' outputs for noise of the net's own size, as a share of the largest; None without weights, or
    where they give what is no number."""

    def as_json(self) -> Mapping[str, Any]:
        made = self.convolved
        assert made.anywhere.open_sizes is not None
        return {
            "net": made.before.name,
            "converted": made.name,
            "input": list(made.before.input.shape),
            "output": list(made.anywhere.open_sizes.output),
            "sizes": made.anywhere.open_sizes.conditions,
            "params": made.after.params,
            "difference": self.difference,
            "written": [str(path) for path in self.written],
            "text": made.text,
        }


def convert_net(
    net: str,
    settings: Mapping[str, Any] | None = None,
    image: FeatureMap | None = None,
    with_rules: str = "",
    weights: Path | None = None,
    average: bool = False,
    out: Path | None = None,
    force: bool = False,
) -> Conversion:
    """The text of the form, and with `weights` the file of its weights, beside it: `vgg16.net`, `vgg16.safetensors`.

    Without `out` nothing is written.
    Errors: NET520 and NET521 for the weights, NET635 to NET637 for nets without such a form, NET638 for files that are
        there already
    """
    paths = () if out is None else (out, *([out.with_suffix(WEIGHTS)] if weights is not None else []))
    check_new(paths, force)
    convolved = fully_convolutional(Pipeline.of(net), settings, image, with_rules, average)
    form, difference = None, None
    if weights is not None:
        module = build(convolved.before)
        load_weights(module, weights)
        form, difference = _converted(convolved, module)
    for path in reversed(paths):  # the text last: where it stands, its weights do
        with whole(path, make_folder=True) as beside:
            if form is not None and path.suffix == WEIGHTS:
                save_checkpoint(form, beside)
            else:
                beside.write_text(convolved.text, encoding="utf-8")
    return Conversion(convolved, paths, difference)


def convert_run(run: Path, out: Path, average: bool = False) -> Conversion:
    """The run in its new form, as the folder of a run that other commands open: `netdsl eval OUT --dense`.

    It is laid out for the size that the run was trained at; what it was trained with is as it was, and it cannot be
    resumed. Errors: those of opening a run, NET550 for a folder that holds a run, NET635 to NET637
    """
    trained = open_run(run)
    source = trained.source
    pipeline = Pipeline.of(source.given)
    convolved = fully_convolutional(pipeline, source.settings, source.image, source.with_rules, average)
    form, difference = _converted(convolved, trained.module)
    with RunFolder.create(out, run.name) as folder:
        text = f"{FOLDER}/{convolved.name}.net"
        folder.write_text(text, convolved.text)
        written = [out / text]
        for name in (MODEL, BEST):
            if (run / name).is_file():
                with folder.guarded(name):
                    save_checkpoint(form if name == MODEL else _best_form(run, convolved), out / name)
                written.append(out / name)
        config = read_config(run)
        net = {"name": convolved.name, "given": text, "settings": {}, "source": text}
        config["net"] = {**net, "input": list(trained.network.input.shape), "converted_from": str(run)}
        for name in (METRICS, RESULT):
            if (run / name).is_file():
                folder.write_text(name, (run / name).read_text("utf-8"))
        folder.write_text(CONFIG, yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=100))
    return Conversion(convolved, (*written, out / CONFIG), difference)


def _best_form(run: Path, convolved: Convolved) -> nn.Module:
    return _converted(convolved, open_run(run, best=True).module, compared=False)[0]


def _converted(convolved: Convolved, module: nn.Module, compared: bool = True) -> tuple[nn.Module, float | None]:
    """The form with the module's weights, and how far the two are apart at the net's own size."""
    with torch.device("meta"):
        form = build(convolved.after)
    weights = convolved_weights(convolved.before, convolved.after, module, form)
    form.load_state_dict(weights, assign=True)
    if not compared:
        return form, None
    image = convolved.before.input
    noise = torch.randn(PROBES, *image.shape, generator=torch.Generator().manual_seed(0))
    conditions = [torch.zeros(PROBES, dtype=torch.long) for _ in convolved.before.conditions]
    with torch.inference_mode():
        ours, theirs = (_ends(each.eval()(noise, *conditions)) for each in (module, form))
    largest = max(float(end.abs().max()) for end in ours)
    apart = max(float((a - b).abs().max()) for a, b in zip(ours, theirs, strict=True))
    difference = apart / largest if largest else apart
    return form, difference if isfinite(difference) else None


def _ends(output: Any) -> list[Tensor]:
    return list(output.values()) if isinstance(output, dict) else [output]

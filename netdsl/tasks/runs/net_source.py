"""A net between its text and a module that can be trained: compiled, kept in the run folder, built again from there.

The run folder keeps what the net was compiled from: the file under its own name in `net/` (the name decides which net a
file means), the files it imports beside it, bundled ones excepted; or, for a net typed out, its text in config.yaml. So
a run can be evaluated after the file has changed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import nn

from netdsl.compiler import Pipeline, compile_network
from netdsl.diagnostics import Source, fail
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network
from netdsl.lowering.to_torch import to_torch
from netdsl.passes.files import BUNDLED, import_source, looks_like_file
from netdsl.passes.resolve import ALPHABET
from netdsl.syntax import ast
from netdsl.syntax.parse import parse_file
from netdsl.tasks.runs.run_folder import RunFolder

FOLDER = "net"
TYPED = "<"  # how the names of sources begin that are no files
INLINE = "<inline>"
NO_INPUT, OPEN_INPUT = "NET214", {"NET310", "NET311", "NET318"}


@dataclass(frozen=True, slots=True)
class NetSource:
    """What a net is compiled from: a path or a text, its parameters, the input where the text has none, and rules."""

    given: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    image: FeatureMap | None = None
    with_rules: str = ""
    """Rules that make a variant of the net."""

    def compile(self) -> Network:
        return compile_network(self.given, self.settings, self.image, self.with_rules)


def source_of(given: str, settings: Mapping[str, Any], image: FeatureMap, with_rules: str = "") -> NetSource:
    """A net that leaves its input open, or is typed out without one, is laid out for the data's images."""
    pipeline = Pipeline.of(given)
    compilation = pipeline.compile(settings=settings, with_rules=with_rules)
    wrong = {diagnostic.code for diagnostic in compilation.errors}
    typed = pipeline.program.source.name == INLINE
    any_size = compilation.network is not None and compilation.network.open_sizes is not None
    left_open = any_size or (bool(wrong) and wrong <= OPEN_INPUT) or (typed and NO_INPUT in wrong)
    return NetSource(given, settings, image if left_open else None, with_rules)


def build(network: Network) -> nn.Module:
    """The module, giving scores: a softmax at its end, or at a head's, is passed by; a loss has one of its own."""
    module: nn.Module = to_torch(network)
    for end in {network.output_node, *(head.node for head in network.heads.values())}:
        if network.nodes[end].layer.name == "softmax":
            module.get_submodule(network.module_name(end)).register_forward_hook(
                lambda layer, inputs, output: inputs[0]
            )
    return module


def keep(source: NetSource, folder: RunFolder) -> dict[str, Any]:
    """Copy the net's text into the run folder; gives what config.yaml needs to build it again."""
    main = Pipeline.of(source.given).program.source
    record: dict[str, Any] = {"given": source.given, "settings": {k: _plain(v) for k, v in source.settings.items()}}
    if main.name.startswith(TYPED):
        record["text"] = main.text
    else:
        name = main.name.replace("\\", "/").rpartition("/")[2]
        which = source.given.partition(".net:")[2]
        record["source"] = f"{FOLDER}/{name}" + (f":{which}" if which else "")
        top = Path(main.name).parent
        for file in _files(main, {}):
            inside = Path(name) if file is main else Path(file.name).relative_to(top)
            folder.write_text(str(Path(FOLDER) / inside), file.text)
    if source.with_rules:
        record["with"] = source.with_rules
    if source.image is not None:
        record["input"] = list(source.image.shape)
    return record


def rebuild(record: Mapping[str, Any], run: Path) -> NetSource:
    """What `keep` wrote, read again."""
    if not isinstance(record, dict) or not isinstance(record.get("settings", {}), dict):
        _unusable(run, "`net` with its settings")
    shape = record.get("input")
    if shape is not None and not (isinstance(shape, list) and shape and all(isinstance(n, int) for n in shape)):
        _unusable(run, "`net: input` as a list of whole numbers")
    image = None if shape is None else FeatureMap(shape[0], tuple(shape[1:]))
    given = record.get("text")
    if given is None:
        if not isinstance(record.get("source"), str):
            _unusable(run, "`net: source` or `net: text`")
        file, colon, which = record["source"].partition(".net:")
        if not (run / file).resolve().is_relative_to(run.resolve()):
            _unusable(run, "`net: source` inside the run's folder")
        given = str(run / file) + colon + which
    elif not isinstance(given, str) or looks_like_file(given.partition(":")[0]):
        _unusable(run, "`net: text` as a net typed out")
    rules = record.get("with", "")
    if not isinstance(rules, str):
        _unusable(run, "`net: with` as rules in one text")
    return NetSource(given, record.get("settings", {}), image, rules)


def _files(source: Source, seen: dict[str, Source]) -> Iterator[Source]:
    """The file and those it imports that do not come with netdsl."""
    yield source
    for definition in parse_file(source, ALPHABET).definitions:
        if isinstance(definition, ast.Import):
            key, imported = import_source(source, definition.path)
            if imported is not None and key not in seen and not imported.name.startswith(BUNDLED):
                seen[key] = imported
                yield from _files(imported, seen)


def _plain(value: Any) -> Any:
    """A setting as YAML can hold it and the compiler reads it again."""
    return value if isinstance(value, bool | int | float | str) or value is None else str(value)


def _unusable(run: Path, lacking: str) -> None:
    fail("NET553", f"`{run / 'config.yaml'}` cannot be used", expected=lacking, found="none that can be read")

"""The whole pipeline: parse, resolve, lay out, settle biases, count, receptive fields, verify. Start reading here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from os import PathLike, fspath
from typing import Any

from netdsl.diagnostics import Diagnostic, DiagnosticsError, InternalError, Source
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network
from netdsl.passes.count import count
from netdsl.passes.files import looks_like_file, read_net
from netdsl.passes.lay_out import has_input, lay_out
from netdsl.passes.lint import lint
from netdsl.passes.open_input import OpenInput, lay_out_open
from netdsl.passes.receptive_field import receptive_field
from netdsl.passes.recipes import evaluate_recipes
from netdsl.passes.recursion import deep_recursion
from netdsl.passes.resolve import Program, resolve, resolve_inline
from netdsl.passes.select import Selected, select
from netdsl.passes.settle_bias import settle_bias
from netdsl.passes.verify import CheckedClaim, verify
from netdsl.record import Record, record


@record
class Compilation(Record):
    """What became of one net: the network, if it has no errors, and all that is to be said about it."""

    source: Source
    network: Network | None
    diagnostics: tuple[Diagnostic, ...]
    claims: tuple[CheckedClaim, ...] = ()

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(d for d in self.diagnostics if d.severity == "error")


@dataclass
class Pipeline:
    """A text that was read, and the nets that can be compiled from it."""

    program: Program
    nets: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, path_or_text: str) -> Pipeline:
        """Read a file, a bundled net or a net typed out. Errors: DiagnosticsError."""
        path, _, name = path_or_text.partition(":") if looks_like_file(path_or_text.partition(":")[0]) else ("", "", "")
        if path:
            program = resolve(read_net(path))
        elif not path_or_text.strip() or path_or_text.lstrip().startswith(
            ("net ", "block ", "recipe ", "import ", "#")
        ):
            program = resolve(Source("<text>", path_or_text))
        else:
            program = resolve_inline(Source("<inline>", path_or_text))
        return cls.of_program(program, name)

    @classmethod
    def of_program(cls, program: Program, name: str = "") -> Pipeline:
        """The nets of definitions that are resolved, `name` or the file's own first."""
        own = [name for name in program.own if name in program.nets]
        first = name or program.default_net
        return cls(program, [first, *(n for n in own if n != first)] if first else [])

    def compile(
        self,
        name: str | None = None,
        settings: Mapping[str, Any] | None = None,
        given: FeatureMap | None = None,
        with_rules: str = "",
    ) -> Compilation:
        """One net through all passes. `given` is an input in place of the net's own, `with_rules` makes a variant."""
        program = self.program
        with deep_recursion():
            recipes, recipe_problems = evaluate_recipes(program)
            before = [*program.diagnostics, *recipe_problems]
            try:
                selected = select(program, name or (self.nets[0] if self.nets else None), settings or {}, with_rules)
            except DiagnosticsError as error:
                return Compilation(program.source, None, (*before, *error.diagnostics))
            network, claims, found = self._measured(selected, given)
            found = [*before, *found]
            if network is None:
                if not any(d.severity == "error" for d in found):
                    raise InternalError(f"the net `{selected.name}` cannot be laid out, and nothing says why")
                return Compilation(program.source, None, tuple(found))
            checked, wrong = verify(
                network,
                [] if with_rules else claims if selected.claims is None else list(selected.claims),  # a variant's own
                lambda settings: self._measured(replace(selected, settings=settings), None)[::2],
                None if given and has_input(selected.net.body) else selected.as_written,
                selected.settings,
            )
            network = replace(network, name=selected.name, recipes=recipes)
            found += [*wrong, *lint(network)]
            network = replace(network, warnings=_warnings(found))
            ok = not any(d.severity == "error" for d in found)
            return Compilation(program.source, network if ok else None, tuple(found), tuple(checked))

    def _measured(
        self, selected: Selected, given: FeatureMap | None
    ) -> tuple[Network | None, list[Any], list[Diagnostic]]:
        at = partial(
            lay_out, self.program, selected.net, selected.settings, rules=selected.rules, reference=selected.reference
        )
        open_input = OpenInput.of(selected.net)
        if open_input is None:
            network, claims, found = at({}, given)
        else:
            network, claims, found = lay_out_open(at, open_input, given)
        if network is None:
            return None, claims, found
        return receptive_field(count(settle_bias(network))), claims, found


def diagnose(path_or_text: str, with_rules: str = "") -> list[Diagnostic]:
    """All that is to be said about a file and every net in it (or a variant of each), in the order of the text."""
    try:
        pipeline = Pipeline.of(path_or_text)
        if pipeline.nets or not (pipeline.program.blocks or pipeline.program.recipes):
            names: Sequence[str | None] = pipeline.nets or [None]
            compiled = [pipeline.compile(name, with_rules=with_rules) for name in names]
            every = [d for compilation in compiled for d in compilation.diagnostics]
            networks = [compilation.network for compilation in compiled if compilation.network is not None]
        else:  # a library for others to import
            networks, compiled = [], []
            every = [*pipeline.program.diagnostics, *evaluate_recipes(pipeline.program)[1]]
        if pipeline.program.recipes:
            from netdsl.passes.recipe_checks import recipe_places, recipe_settings  # ten milliseconds to load

            recipes = evaluate_recipes(pipeline.program)[0].values()
            every += recipe_settings(recipes)
            if networks and len(networks) == len(compiled):
                every += recipe_places(pipeline.program.source, networks, recipes)
    except DiagnosticsError as error:
        every = list(error.diagnostics)
    once = {(d.code, d.message, d.span and (d.span.source.name, d.span.start)): d for d in every}
    return sorted(once.values(), key=lambda d: (d.span.source.name != path_or_text, d.span.start) if d.span else (0, 0))


def compile_network(
    path_or_text: str | PathLike[str],
    settings: Mapping[str, Any] | None = None,
    given: FeatureMap | None = None,
    with_rules: str = "",
) -> Network:
    """The network of a file, a bundled net or a text. Errors: DiagnosticsError with all that is wrong."""
    text = fspath(path_or_text) if isinstance(path_or_text, PathLike) else path_or_text
    if not isinstance(text, str):
        raise TypeError(f"a net is a path or text, not {text!r}")
    compilation = Pipeline.of(text).compile(settings=settings, given=given, with_rules=with_rules)
    if compilation.network is None:
        raise DiagnosticsError(compilation.errors)
    return compilation.network


def _warnings(found: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(d for d in found if d.severity != "error")


__all__ = ["Compilation", "Pipeline", "compile_network", "diagnose"]

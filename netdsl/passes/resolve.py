"""Names: imports followed, definitions collected, every op and variable known before anything is laid out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from netdsl.blocks import BLOCKS
from netdsl.diagnostics import Diagnostic, DiagnosticsError, Edit, Source, Span
from netdsl.layers import CODES, NAMES
from netdsl.passes.definition_problems import already_op, defined_twice, head, nothing_to_import
from netdsl.passes.files import import_source, source_key
from netdsl.passes.names import NameChecker
from netdsl.passes.pieces import of_nets
from netdsl.syntax import ast
from netdsl.syntax.parse import parse_file, parse_inline, parse_rules

ALPHABET = {letters: len(entry.layer.numbers) for letters, entry in CODES.items()}
SPELLINGS = {
    letters: entry.layer.letter
    for letters, entry in CODES.items()
    if entry.layer.letter not in (letters, None) and not entry.given
}
"""What the house writes for other spellings of a code: `P` for `M`."""
MAX_IMPORTS = 100
MOST_KEPT = 100
_KEPT: dict[tuple[str, str], ast.File] = {}


@dataclass
class Program:
    """All definitions that a file can see. `own` are the names it defines itself."""

    source: Source
    blocks: dict[str, ast.Block] = field(default_factory=dict)
    nets: dict[str, ast.Net | ast.NetAlias] = field(default_factory=dict)
    recipes: dict[str, ast.Recipe] = field(default_factory=dict)
    own: list[str] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    complete: bool = True
    """False when something was not read: then names may be missing for that reason, which stays silent."""

    def is_op(self, name: str) -> bool:
        return name in self.blocks or name in NAMES or name in BLOCKS

    def table(self, definition: ast.Block | ast.Net | ast.NetAlias | ast.Recipe) -> dict[str, Any]:
        """Where a definition of this kind stands."""
        match definition:
            case ast.Block():
                return self.blocks
            case ast.Recipe():
                return self.recipes
        return self.nets

    @property
    def default_net(self) -> str | None:
        """The net a file means: the one with the file's name, else the first that it defines."""
        stem = self.source.name.replace("\\", "/").rpartition("/")[2].removesuffix(".net")
        own = [name for name in self.own if name in self.nets]
        return stem if stem in own else (own[0] if own else None)


@dataclass(frozen=True, slots=True)
class Imported:
    """A file on the way from the first one: what tells it from all others, and its name in messages."""

    key: str
    name: str


def resolve(source: Source) -> Program:
    """Read a file and all it imports, and check every name in them.

    Needs:   nothing
    Makes:   a Program whose names are all known, or diagnostics in it that say which are not
    Reports: NET1xx, NET106 an empty file, NET202 unknown op, NET203 unknown name, NET212 defined twice,
             NET213 missing, circular or outside import, NET351 unused block
    """
    program = Program(source)
    _load(source, program, (Imported(source_key(source), source.name),), {})
    if not program.blocks and not program.nets and not program.recipes and not program.diagnostics:
        _report_empty(program)
    checker = _checker(program, program.diagnostics)
    for name in program.own:
        definition = program.blocks.get(name) or program.nets.get(name)
        if isinstance(definition, ast.Block | ast.Net):
            checker.check(definition.parameters, definition.body, isinstance(definition, ast.Block))
        if isinstance(definition, ast.NetAlias):
            checker.check_reference(definition.parameters, definition.base)
            if definition.base.name in program.nets:
                base = program.nets[definition.base.name]
                checker.check_own_parameters(definition, sorted(_settable(program, base)))
        if isinstance(definition, ast.Net | ast.NetAlias):
            checker.check_rules(definition.rules, _settable(program, definition))
    if program.complete:
        _report_unused(program, checker.used)
    return program


def _settable(program: Program, definition: ast.Net | ast.NetAlias) -> set[str]:
    """The parameters that a net's rules can name: its own and those of what it is made of."""
    names = {parameter.name for parameter in definition.parameters}
    seen = set()
    while isinstance(definition, ast.NetAlias) and definition.name not in seen:
        seen.add(definition.name)
        base = program.nets.get(definition.base.name)
        if base is None:
            break
        names |= {parameter.name for parameter in base.parameters}
        definition = base
    return names


def resolve_inline(source: Source) -> Program:
    """A net typed on the command line, as a program with one net called `inline`."""
    program = Program(source)
    body = parse_inline(source, ALPHABET, program.diagnostics.append)
    net = ast.Net(body.span, "inline", (), body)
    program.nets["inline"] = net
    program.own.append("inline")
    _checker(program, program.diagnostics).check((), body)
    return program


def read_rules(program: Program, text: str) -> tuple[ast.Rule, ...]:
    """The rules of a `--with`, their names checked. Errors: DiagnosticsError with NET1xx, NET202, NET203."""
    rules = parse_rules(Source("--with", text), ALPHABET)
    problems: list[Diagnostic] = []
    _checker(program, problems, rules).check_rules(rules, set())
    if problems:
        raise DiagnosticsError(problems)
    return rules


def _checker(program: Program, problems: list[Diagnostic], rules: tuple[ast.Rule, ...] = ()) -> NameChecker:
    names = [*program.blocks, *NAMES, *BLOCKS, "id"]
    shared = of_nets(program.nets.values(), rules)
    return NameChecker(program.is_op, names, problems, program.complete, of_nets=shared)


def _load(source: Source, program: Program, chain: tuple[Imported, ...], done: dict[str, bool]) -> None:
    try:
        file = _parsed(source, program)
    except DiagnosticsError as error:
        program.complete = False
        program.diagnostics.extend(error.diagnostics)
        return
    for definition in file.definitions:
        if isinstance(definition, ast.Broken):
            program.complete = False
        elif not isinstance(definition, ast.Import):
            _define(definition, program, own=len(chain) == 1)
    for definition in file.definitions:
        if isinstance(definition, ast.Import):
            _import(source, definition, program, chain, done)


def _parsed(source: Source, program: Program) -> ast.File:
    """The tree of a file. One without mistakes is kept, since a family's members all import the same file."""
    key = (source.name, source.text)
    if key not in _KEPT:
        before = len(program.diagnostics)
        file = parse_file(source, ALPHABET, program.diagnostics.append)
        if len(program.diagnostics) > before:
            return file
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        _KEPT[key] = file
    return _KEPT[key]


def _import(
    source: Source, definition: ast.Import, program: Program, chain: tuple[Imported, ...], done: dict[str, bool]
) -> None:
    try:
        key, imported = import_source(source, definition.path)
    except DiagnosticsError as error:
        program.complete = False
        program.diagnostics.extend(replace(d, span=d.span or definition.span) for d in error.diagnostics)
        return
    if imported is None:
        program.complete = False
        program.diagnostics.append(nothing_to_import(source, definition))
    elif any(key == above.key for above in chain):
        first = next(i for i, above in enumerate(chain) if above.key == key)
        names = [*(above.name for above in chain[first:]), imported.name]
        program.diagnostics.append(
            Diagnostic(
                "NET213",
                "this import goes round in a circle",
                definition.span,
                expected="files that do not import each other",
                found=" -> ".join(names),
            )
        )
    elif len(done) >= MAX_IMPORTS:
        expected = f"at most {MAX_IMPORTS} files"
        program.diagnostics.append(
            Diagnostic("NET213", "too many files are imported", definition.span, expected=expected, found="more")
        )
    elif key not in done:
        done[key] = True
        _load(imported, program, (*chain, Imported(key, imported.name)), done)


def _define(definition: ast.Block | ast.Net | ast.NetAlias | ast.Recipe, program: Program, own: bool) -> None:
    """Put a definition under its name. A file's recipe wins over an imported one; a net or block must be alone."""
    table = program.table(definition)
    other = table.get(definition.name)
    if other is not None:
        if own or not isinstance(definition, ast.Recipe):
            program.diagnostics.append(defined_twice(definition.name, definition.span, other.span))
        return
    if isinstance(definition, ast.Block) and (definition.name in NAMES or definition.name in BLOCKS):
        program.diagnostics.append(already_op(definition))
    table[definition.name] = definition
    if own and definition.name not in program.own:
        program.own.append(definition.name)


def _report_empty(program: Program) -> None:
    source = program.source
    program.diagnostics.append(
        Diagnostic(
            "NET106",
            f"there is no net in `{source.name}`",
            Span(source, 0, 0),
            expected="a definition, such as net tiny(classes = 10) { input 3x32x32  C3-16 R G F{classes} }",
            found="nothing" if not source.text.strip() else "comments only",
        )
    )


def _report_unused(program: Program, used: set[str]) -> None:
    nets = [program.nets[name] for name in program.own if name in program.nets]
    defaults = [p.default.name for net in nets for p in net.parameters if isinstance(p.default, ast.Name)]
    if not nets or any(name in program.blocks for name in defaults):
        return  # a library of blocks, or blocks to choose from with `--set unit=...`
    for name in program.own:
        block = program.blocks.get(name)
        if block is not None and name not in used:
            program.diagnostics.append(
                Diagnostic(
                    "NET351",
                    f"the block `{name}` is never used",
                    head(block.span),
                    severity="warning",
                    help="take it out",
                    edits=(Edit(block.span, ""),),
                )
            )

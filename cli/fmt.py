"""`netdsl fmt`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from netdsl.diagnostics import DiagnosticsError, Source

from . import output

STDIN = "-"


def command(
    files: Annotated[list[str], typer.Argument(help="One or more .net files; `-` reads stdin.", metavar="FILE...")],
    check: Annotated[bool, typer.Option("--check", help="Change nothing: list what would change, exit 1.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Change nothing: show what would change.")] = False,
    expand: Annotated[
        bool,
        typer.Option("--expand", help="Write out defaults and biases, where all places of the file agree on them."),
    ] = False,
) -> None:
    """Files in the one tidy form: spaces, indents and codes of the house; comments and the meaning stay.

    Example: netdsl fmt --check nets/*.net
    """
    from netdsl.formatter import read, tidied

    refused = changed = 0
    for file in files:
        try:
            source = read(file, sys.stdin.buffer.read) if file == STDIN else read(file)
            text = tidied(source, expand)
        except DiagnosticsError as error:
            output.diagnostics(error.diagnostics, to_stderr=True)
            refused += 1
            continue
        changes = text != source.text
        changed += changes
        if check or diff:
            _show(source, text, check and changes, diff or (check and sys.stdout.isatty()))
        elif file == STDIN:
            output.write(text)
        elif changes:
            _write(Path(file), text)
    if files != [STDIN]:
        output.message(_counted(len(files), changed, refused, check or diff))
    if refused or (check and changed):
        raise typer.Exit(1)


def _show(source: Source, text: str, name: bool, diff: bool) -> None:
    if name:
        output.write(f"{source.name}\n")
    if diff:
        from difflib import unified_diff

        before, after = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
        lines = unified_diff(before, after, source.name, f"{source.name} (tidy)")
        output.write("".join(line if line.endswith("\n") else f"{line}\n" for line in lines))


def _write(path: Path, text: str) -> None:
    """In one step, where a link leads, with the file's own rights."""
    from shutil import copymode

    from netdsl.atomic import written_beside

    target = path.resolve()
    with written_beside(target) as beside:
        beside.write_bytes(text.encode())
        copymode(target, beside)


def _counted(files: int, changed: int, refused: int, only_shown: bool) -> str:
    counted = f"{files} file{'s' * (files != 1)}, {changed} {'to change' if only_shown else 'changed'}"
    return counted + (f", {refused} with errors" if refused else "")

"""`netdsl check`."""

from typing import Annotated

import typer

from netdsl.compiler import diagnose

from . import output
from .options import With


def command(
    files: Annotated[list[str], typer.Argument(help="One or more .net files or bundled nets.", metavar="FILE...")],
    with_rules: With = "",
    as_json: Annotated[bool, typer.Option("--json", help="The diagnostics as one JSON object.")] = False,
) -> None:
    """Every net of the files: what is wrong, where, and what to type instead.

    Example: netdsl check nets/*.net
    """
    found = {file: diagnose(file, with_rules) for file in files}
    everything = [diagnostic for diagnostics in found.values() for diagnostic in diagnostics]
    errors = sum(d.severity == "error" for d in everything)
    if as_json:
        import json

        output.write(json.dumps({"diagnostics": [d.as_json() for d in everything]}, indent=1) + "\n")
    else:
        output.diagnostics(d for d in everything if d.severity != "note")
        warnings = sum(d.severity == "warning" for d in everything)
        counted = (_several(len(found), "file"), _several(errors, "error"), _several(warnings, "warning"))
        output.message(", ".join(counted))
    if errors:
        raise typer.Exit(1)


def _several(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"

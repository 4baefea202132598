"""`netdsl explain`."""

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.markup import escape

from . import output


def command(
    code: Annotated[str, typer.Argument(help="A code from a message, such as NET301.", metavar="CODE")],
) -> None:
    """What a code means, why it is reported, and what to do.

    Example: netdsl explain NET301
    """
    from netdsl.diagnostics.catalog import CATALOG

    number = code.upper().removeprefix("NET")
    entry = CATALOG.get(f"NET{number}")
    if entry is None:
        raise typer.BadParameter(f"there is no code {code}; {_instead(number, CATALOG)}")
    output.out.print(f"[bold]NET{number}[/bold]: {escape(entry.title)}\n\n{escape(entry.text)}", highlight=False)


def _instead(number: str, codes: Iterable[str]) -> str:
    if not number.isdecimal() or len(number) > 9:
        return "a code is NET and three digits, such as NET301"
    nearest = sorted(codes, key=lambda code: abs(int(code.removeprefix("NET")) - int(number)))[:3]
    return "the nearest are " + ", ".join(sorted(nearest))

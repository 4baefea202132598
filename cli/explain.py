"""`netdsl explain`."""

from typing import Annotated

import typer

from . import output


def command(
    code: Annotated[str, typer.Argument(help="A code from a message, such as NET301.", metavar="CODE")],
) -> None:
    """What a code means, why it is reported, and what to do.

    Example: netdsl explain NET301
    """
    from netdsl.diagnostics.catalog import CATALOG

    from netdsl.layers.attributes import nearest

    wanted = code.upper() if code.upper().startswith("NET") else f"NET{code}"
    entry = CATALOG.get(wanted)
    if entry is None:
        close = nearest(wanted, CATALOG)
        raise typer.BadParameter(f"there is no code {code}" + (f"; did you mean {close}?" if close else ""))
    output.out.print(f"[bold]{wanted}[/bold]: {entry.title}\n\n{entry.text}", highlight=False)

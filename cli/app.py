"""The `netdsl` command: one file a subcommand, each imported only when it is chosen."""

import gc
import io
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

PANELS = {
    "Nets": ("summarize", "check", "fmt", "explain", "convert"),
    "Training": ("train", "eval", "runs", "curves", "sweep", "probe", "transfer", "report"),
    "Seeing what a net sees": ("cam", "localize", "mistakes", "saliency", "excite", "filters", "maps", "patches"),
    "Features": ("features", "similar", "invariance", "reuse"),
    "Painting": ("stylize", "prior", "export"),
}
PANEL = {name: panel for panel, names in PANELS.items() for name in names}
COMMANDS = tuple(PANEL)
NEED_NOTHING = {"runs"}
"""Commands that do something without a word more; the others then show their help."""


class LazyGroup(TyperGroup):
    """Knows its commands by name; a command's code is read when it runs, or for the list in `--help`."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            from netdsl.layers.attributes import nearest

            close = nearest(cmd_name, COMMANDS, likeness=0.6)
            ctx.fail(f"No such command '{cmd_name}'." + (f" Did you mean '{close}'?" if close else ""))
        single = typer.Typer(add_completion=False)
        single.command(cmd_name, no_args_is_help=cmd_name not in NEED_NOTHING)(
            guarded(import_module(f".{cmd_name}", __package__).command)
        )
        command: Any = typer.main.get_command(single)
        command.rich_help_panel = PANEL[cmd_name]
        return command


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"max_content_width": 100},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        from . import output

        output.write(f"netdsl {version('netdsl')}\n")
        raise typer.Exit


@app.callback()
def netdsl(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Convolutional networks in the notation of their papers: checked in a blink, trained with torch.

    Example: netdsl summarize vgg16
    """


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose failures end as messages and exit codes: 1 for errors of the net, data or run, 130 for Ctrl-C."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        from netdsl.diagnostics import DiagnosticsError, InternalError

        from . import output

        try:
            command(*args, **kwargs)
        except DiagnosticsError as error:
            output.diagnostics(error.diagnostics, to_stderr=True)
            raise typer.Exit(1) from None
        except InternalError as error:
            output.internal_error(str(error))
            raise typer.Exit(1) from error
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except BrokenPipeError:  # `netdsl summarize vgg16 | head -3`
            output.close_stdout()

    return run


def main() -> None:
    """Run and exit: 0 good, 1 the net, the data or the run has errors, 2 a wrong command line, 130 Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):  # a file's name may be bytes that are no text
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    gc.set_threshold(20_000, 50, 100)  # imports and layouts make many objects that stay: look for garbage less often
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # here, so that a full disk is reported like any other failure
    except KeyboardInterrupt:  # before or after a command
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the last place where a failure can become a message
        sys.exit(_failed(error))


def _failed(error: Exception) -> int:
    """The exit code after saying what nobody foresaw."""
    from . import output

    output.close_stdout()
    if isinstance(error, BrokenPipeError):
        return 0
    if isinstance(error, OSError) and error.filename is None:  # a file that cannot be opened has a name
        output.message(f"output cannot be written: {error.strerror or error}")
    else:
        output.internal_error(output.described(error))
    return 1


if __name__ == "__main__":
    main()

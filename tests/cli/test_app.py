"""What all commands share: help, exit codes, quick starts, pipes, Ctrl-C and colours."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from netdsl.cli.app import COMMANDS, guarded

from netdsl.diagnostics import InternalError

from ..processes import interrupted
from .conftest import Command, Process, environment

HEAVY = ("torch", "numpy", "matplotlib", "PIL", "pooch", "safetensors", "torchinfo", "pydantic")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(netdsl: Command, command: str) -> None:
    result = netdsl(command, "--help")
    assert result.exit_code == 0
    assert f"Example: netdsl {command}" in result.stdout


def test_help_lists_every_command(netdsl: Command) -> None:
    result = netdsl("--help")
    assert result.exit_code == 0
    assert "Example: netdsl summarize vgg16" in result.stdout
    assert [c for c in COMMANDS if re.search(rf"^│ {c} ", result.stdout, re.MULTILINE)] == list(COMMANDS)


def test_no_arguments_show_the_help(netdsl: Command) -> None:
    assert "Usage:" in netdsl().output
    assert "Usage:" in netdsl("check").output


@pytest.mark.parametrize(("typed", "meant"), [("sumarize", "summarize"), ("chek", "check"), ("evaluate", "eval")])
def test_a_misspelt_command(netdsl: Command, typed: str, meant: str) -> None:
    result = netdsl(typed, "vgg16")
    assert result.exit_code == 2
    assert f"No such command '{typed}'. Did you mean '{meant}'?" in " ".join(result.stderr.split())


def test_a_command_like_nothing(netdsl: Command) -> None:
    result = netdsl("xyzzy")
    assert result.exit_code == 2
    assert "No such command 'xyzzy'." in result.stderr and "mean" not in result.stderr


def test_version(netdsl: Command) -> None:
    assert re.fullmatch(r"netdsl \d+\.\d+\.\d+\n", netdsl("--version").stdout)


def test_an_internal_error_asks_for_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> None:
        raise InternalError("two and two are five")

    with pytest.raises(typer.Exit) as caught:
        guarded(broken)()
    assert caught.value.exit_code == 1
    assert "internal error: two and two are five\nplease report this" in capsys.readouterr().err


def test_an_interrupted_command() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(typer.Exit) as caught:
        guarded(interrupted)()
    assert caught.value.exit_code == 130


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("check", "vgg16", "no_such_net"),
        ("summarize", "resnet", "--batch", "8"),
        ("summarize", "resnet", "--json"),
        ("explain", "NET301"),
    ],
    ids=lambda words: words[0] + words[-1],
)
def test_nothing_heavy_is_imported(tmp_path: Path, words: tuple[str, ...]) -> None:
    code = f"""
import sys
from netdsl.cli.app import main
sys.argv = ["netdsl", *{words!r}]
try:
    main()
finally:
    print("loaded:", *(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.stderr.endswith("loaded:\n")
    assert "Traceback" not in done.stderr


class TestProcesses:
    def test_the_command_itself(self, process: Process, tmp_path: Path) -> None:
        command = Path(sys.executable).with_name("netdsl")
        done = subprocess.run(
            [command, "summarize", "nets/vgg16.net"], cwd=tmp_path, env=environment(), capture_output=True, check=True
        )
        assert b"138,357,544 parameters" in done.stdout
        assert done.stderr == b""

    def test_exit_codes(self, process: Process, tmp_path: Path) -> None:
        (tmp_path / "bad.net").write_text("net a { input 3x8x8 Q }")
        assert process("check", "vgg16").returncode == 0
        bad = process("summarize", "bad.net")
        assert (bad.returncode, bad.stdout) == (1, "")
        assert bad.stderr.startswith("error[NET")
        assert process("summarize", "bad.net", "--no-such-option").returncode == 2

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
    @pytest.mark.parametrize(
        "words",
        [
            ("--help",),
            ("--version",),
            ("summarize", "vgg16"),
            ("summarize", "vgg16", "--json"),
            ("check", "vgg16", "--json"),
            ("explain", "NET301"),
        ],
        ids=" ".join,
    )
    def test_a_full_disk(self, words: tuple[str, ...], tmp_path: Path) -> None:
        command = [sys.executable, "-m", "netdsl.cli.app", *words]
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                command, cwd=tmp_path, env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, check=False
            )
        assert (done.returncode, done.stderr) == (1, "output cannot be written: No space left on device\n")

    def test_what_nobody_foresaw(self, tmp_path: Path) -> None:
        code = """
import sys
from netdsl.cli import app, output
def diagnose(file, with_rules): raise ValueError("two\\nlines")
import netdsl.compiler
netdsl.compiler.diagnose = diagnose
sys.argv = ["netdsl", "check", "vgg16"]
app.main()
"""
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("internal error: ValueError: two lines (")
        assert done.stderr.endswith("\nplease report this, with the file that made it happen\n")

    @pytest.mark.parametrize("words", [("vgg16",), ("resnet", "--json"), ("vgg16", "--verify")], ids=" ".join)
    def test_the_reader_of_a_pipe_goes_away(self, words: tuple[str, ...], tmp_path: Path) -> None:
        """As in `netdsl summarize vgg16 | head -1`, at its worst: nobody ever reads."""
        reader, writer = os.pipe()
        os.close(reader)
        command = [sys.executable, "-m", "netdsl.cli.app", "summarize", *words]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment(), stdout=writer, stderr=subprocess.PIPE, text=True, check=False
        )
        os.close(writer)
        assert "Traceback" not in done.stderr and "Broken" not in done.stderr
        assert done.returncode in (0, 1)

    def test_head(self, tmp_path: Path) -> None:
        command = f"{sys.executable} -m netdsl.cli.app summarize resnet --json | head -1"
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "{\n", "")

    def test_ctrl_c(self, tmp_path: Path) -> None:
        """While the command reads a file that never ends."""
        os.mkfifo(tmp_path / "endless.net")
        code = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs of some shells ignore it
from netdsl.cli.app import main
sys.argv = ["netdsl", "summarize", "endless.net"]
main()
"""
        with subprocess.Popen(
            [sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            writer = opened_by_a_reader(tmp_path / "endless.net", process)
            out, err = interrupted(process)
            os.close(writer)
        assert (process.returncode, out, err) == (130, "", "")


def opened_by_a_reader(path: Path, process: "subprocess.Popen[str]") -> int:
    """The writing end of a named pipe, once the process has the other."""
    while process.poll() is None:
        try:
            return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody reads yet
            time.sleep(0.01)
    pytest.fail(f"ended before it read: {process.communicate()}")


def on_a_terminal(words: list[str], folder: Path, **more: str) -> str:
    """What a command writes to a terminal of 100 columns."""
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "netdsl.cli.app", *words]
    settings = environment(TERM="xterm-256color", COLUMNS="100", **more)
    with subprocess.Popen(
        command, cwd=folder, env=settings, stdin=terminal, stdout=terminal, stderr=terminal, close_fds=True
    ) as process:
        os.close(terminal)
        pieces = []
        while select.select([controller], [], [], 60)[0]:
            try:
                piece = os.read(controller, 65536)
            except OSError:  # the terminal has no more writers
                break
            if not piece:
                break
            pieces.append(piece)
        process.wait(timeout=60)
    os.close(controller)
    return b"".join(pieces).decode()


ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def test_colours_on_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "bad.net").write_text("net a {\n  input 3x16x16\n  add { C3-4 | C3-8 }\n}\n")
    coloured = on_a_terminal(["check", "bad.net"], tmp_path)
    assert "\x1b[1;31merror" in coloured
    plain = on_a_terminal(["check", "bad.net"], tmp_path, NO_COLOR="1")
    assert "\x1b" not in plain
    assert ESCAPE.sub("", coloured) == plain
    assert plain.startswith("error[NET301]: the branches of `add` have different shapes")


def test_the_table_on_a_terminal(tmp_path: Path) -> None:
    coloured = on_a_terminal(["summarize", "baseline"], tmp_path)
    plain = on_a_terminal(["summarize", "baseline"], tmp_path, NO_COLOR="1")
    assert "\x1b[1m681,506\x1b[0m parameters" in coloured
    assert "681,506 parameters" in ESCAPE.sub("", plain)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", plain)

"""A process that compiles and tidies one text after the other, with little memory: `python fuzz_worker.py MiB`.

Each line of stdin is a text, its bytes in hexadecimal; each line of stdout says in JSON what became of it: the counts
of nets and errors, or the traceback that should not have been.
"""

import gc
import json
import resource
import sys
import traceback

from netdsl.compiler import Pipeline
from netdsl.diagnostics import Diagnostic, DiagnosticsError
from netdsl.diagnostics.render import render
from netdsl.formatter import tidied
from netdsl.passes.files import source_of
from netdsl.passes.resolve import resolve
from netdsl.syntax.grammar import parser


def compiled(data: bytes) -> dict[str, int]:
    """Everything that is done with a file that is checked, and with one that is formatted."""
    found: list[Diagnostic] = []
    nets = 0
    try:
        source = source_of(data, "<fuzz>")
        pipeline = Pipeline.of_program(resolve(source))
        for name in [*pipeline.nets[:5]] or [None]:
            compilation = pipeline.compile(name)
            found += compilation.diagnostics
            nets += compilation.network is not None
            assert (compilation.network is None) == bool(compilation.errors)
    except DiagnosticsError as error:
        found += error.diagnostics
    for diagnostic in found:
        assert render(diagnostic) and diagnostic.as_json()
    try:
        text = tidied(source_of(data, "<fuzz>"))
        assert tidied(source_of(text.encode(), "<fuzz>")) == text, "the tidy form is not tidy"
    except DiagnosticsError:
        text = ""
    return {"nets": nets, "errors": sum(d.severity == "error" for d in found), "tidy": int(bool(text))}


def main() -> None:
    parser(), parser(keep_all_tokens=True)
    gc.set_threshold(20_000, 50, 100)  # as the command has it
    limit = int(sys.argv[1]) << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for line in sys.stdin:
        try:
            answer: dict[str, object] = dict(compiled(bytes.fromhex(line)))
        except BaseException:  # noqa: BLE001 - whatever comes out here is what is looked for
            answer = {"traceback": traceback.format_exc()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

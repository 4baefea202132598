"""What can be wrong with definitions and imports, each as the diagnostic it becomes."""

from netdsl.diagnostics import Diagnostic, Edit, Label, Source, Span
from netdsl.layers.attributes import nearest
from netdsl.passes.files import importable, is_outside
from netdsl.syntax import ast


def nothing_to_import(source: Source, definition: ast.Import) -> Diagnostic:
    path, span = definition.path, definition.span
    if is_outside(path):
        return Diagnostic(
            "NET213",
            f"`{path}` lies outside the folder of the file that imports it",
            span,
            expected="a file in the folder of this one or in a folder within, or a bundled net",
            found=path,
            note="copy the file, or move this one",
        )
    close = nearest(path, importable(source))
    instead = f'"{close}"' if close else ""
    written = f'"{path}"' if span.text.endswith('"') else path.removesuffix(".net")
    place = Span(span.source, span.end - len(written), span.end)
    return Diagnostic(
        "NET213",
        f"there is no file `{path}` to import",
        span,
        expected="a file in the folder of this one or in a folder within, or a bundled net",
        found=path,
        help=f"write `import {instead}`" if close else "",
        edits=(Edit(place, instead),) if close else (),
    )


def defined_twice(name: str, second: Span, first: Span) -> Diagnostic:
    imported = second.source is not first.source
    place, other = (first, second) if imported else (second, first)
    return Diagnostic(
        "NET212",
        f"`{name}` is defined twice",
        head(place),
        expected="one definition for each name",
        found="two, one of them imported" if imported else "two",
        related=(Label(head(other), "and here" if imported else "first defined here"),),
    )


def already_op(definition: ast.Block) -> Diagnostic:
    return Diagnostic(
        "NET212",
        f"`{definition.name}` is already an op of the language",
        head(definition.span),
        expected="a name of its own",
        found=definition.name,
        note=f"`{definition.name}_block`, say",
    )


def head(span: Span) -> Span:
    """The first line of a definition, up to its brace: enough to point at."""
    text = span.text
    end = min((i for i in (text.find("{"), text.find("\n")) if i > 0), default=len(text))
    return Span(span.source, span.start, span.start + len(text[:end].rstrip()))

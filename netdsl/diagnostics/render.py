"""A diagnostic as plain text: message, place with its line, expected and found, help. Colour comes later."""

from itertools import groupby

from netdsl.diagnostics.diagnostic import Diagnostic, Label
from netdsl.diagnostics.source import Source

CONTEXT_WIDTH = 160  # a longer line is shown around its marks only


def render(diagnostic: Diagnostic) -> str:
    lines = [f"{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"]
    if diagnostic.span is not None:
        lines += _excerpts(diagnostic)
    for word, text in (("expected", diagnostic.expected), ("found", diagnostic.found)):
        if text:
            lines.append(f"{word:>8}: {text}")
    for word, text in (("help", diagnostic.help), ("note", diagnostic.note)):
        if text:
            lines.append(f"{word:>8}: {text}")
    return "\n".join(lines) + "\n"


def _excerpts(diagnostic: Diagnostic) -> list[str]:
    span = diagnostic.span
    assert span is not None
    marks = [(Label(span, diagnostic.label), "^"), *((label, "-") for label in diagnostic.related)]
    width = max(len(str(mark.span.line)) for mark, _ in marks)
    lines: list[str] = []
    for source, group in groupby(marks, key=lambda mark: mark[0].span.source):
        places = list(group)
        line, column = source.position(places[0][0].span.start)
        lines += [f"{'-->':>{width + 3}} {source.name}:{line}:{column}", f"{'':{width}} |"]
        lines += _excerpt(source, places, width)
    return lines


def _excerpt(source: Source, marks: list[tuple[Label, str]], width: int) -> list[str]:
    lines: list[str] = []
    previous = 0
    numbered = sorted(marks, key=lambda mark: mark[0].span.line)
    for number, group in groupby(numbered, key=lambda mark: mark[0].span.line):
        if previous and number > previous + 1:
            lines.append(f"{'...':<{width}} |")
        previous = number
        on_line = sorted(group, key=lambda mark: (mark[1] != "^", mark[0].span.start))
        text = source.line(number)
        first = min(source.position(label.span.start)[1] - 1 for label, _ in on_line)
        cut = max(0, first - CONTEXT_WIDTH // 2) if len(text) > CONTEXT_WIDTH else 0
        shown = text[cut : cut + CONTEXT_WIDTH].replace("\t", " ").rstrip()
        lines.append(f"{number:>{width}} | {'...' if cut else ''}{shown}")
        for label, mark in on_line:
            start = source.position(label.span.start)[1] - 1 - cut
            length = max(1, min(label.span.end - label.span.start, len(shown) - start))
            indent = " " * (start + (3 if cut else 0))
            lines.append(f"{'':{width}} | {indent}{mark * length} {label.message}".rstrip())
    return lines

"""What is said while a net is laid out: every diagnostic once, with the rule it came from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NoReturn

from netdsl.diagnostics import Diagnostic, Edit, Label, Problem, Severity, Span


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What is being laid out comes from a rule: the op in the net that matched, and the rule."""

    place: Span
    rule: Span


class LimitReachedError(Exception):
    """The layout is over a limit; it was reported."""


class Reports:
    """Diagnostics as they come; those about the output of a rule name the op that it rewrote."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.rewritten: Rewritten | None = None
        self.callers: list[Span] = []
        """The calls of blocks that are being laid out, the outermost first; before them an alias's of its net."""
        self._reported: set[tuple[str, int, int]] = set()

    def report(self, diagnostic: Diagnostic) -> None:
        span = diagnostic.span
        key = (diagnostic.code, span.start if span else -1, id(span.source) if span else 0)
        if key in self._reported:
            return
        self._reported.add(key)
        if self.rewritten is not None:
            label = Label(self.rewritten.place, f"rewritten by `{self.rewritten.rule.text.strip()}`")
            diagnostic = replace(diagnostic, related=(*diagnostic.related, label))
        if self.callers and diagnostic.severity == "error":
            diagnostic = replace(diagnostic, related=(*diagnostic.related, *self._called_from()))
        self.diagnostics.append(diagnostic)

    def _called_from(self) -> list[Label]:
        """The call whose arguments a mistake inside a block may hang on; of calls within calls, the first and last."""
        ends = dict.fromkeys((self.callers[-1], self.callers[0]))
        return [Label(span, "in this call") for span in ends]

    def problem(
        self, problem: Problem, span: Span, severity: Severity = "error", related: tuple[Label, ...] = ()
    ) -> None:
        """Report what a layer said, at its place in the text."""
        instead, help_text = problem.replacement, problem.help
        if problem.append:
            instead = span.text + problem.append
            help_text = f"write `{instead}`"
        self.report(
            Diagnostic(
                problem.code,
                problem.message,
                span,
                severity,
                expected=problem.expected,
                found=problem.found,
                help=help_text if instead is not None else "",
                note="" if instead is not None else help_text,
                related=related,
                edits=(Edit(span, instead),) if instead is not None else (),
            )
        )

    def limit(self, code: str, span: Span, message: str, expected: str, **advice: Any) -> NoReturn:
        """Report a limit that is passed, and end the layout."""
        self.report(Diagnostic(code, message, span, expected=expected, found="more", **advice))
        raise LimitReachedError


def trimmed(span: Span) -> Span:
    """The first line of a piece of text, without the space around it: enough to point at."""
    text = span.text
    start = len(text) - len(text.lstrip())
    line = text[start:].split("\n", 1)[0].split("#", 1)[0].rstrip()
    return Span(span.source, span.start + start, span.start + start + max(1, len(line)))


# What can be put behind a word whose numbers are missing; of two numbers, what to put behind the first.
EXAMPLES = {
    "F": ("10", ""),
    "FC": ("10", ""),
    "T": ("3-64", "-64"),
    "U": ("2", ""),
    "linear": ("(10)", ""),
    "conv_transpose": ("(3, 64)", ", 64"),
    "local": ("(3, 16)", ", 16"),
    "upsample": ("(2)", ""),
    "group_norm": ("(8)", ""),
    "shuffle": ("(2)", ""),
    "maxout": ("(2)", ""),
    "pad": ("(1)", ""),
    "times": ("(0.1)", ""),
}

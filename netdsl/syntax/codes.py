"""A run of codes, such as `C3-64/2R`, taken apart into single codes: letters, numbers, stride, modifiers."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from netdsl.diagnostics import Diagnostic, Edit, Span
from netdsl.syntax.ast import Broken, Code, Dims, Expression, Modifier
from netdsl.syntax.numbers import number
from netdsl.syntax.traps import nearest_code, word_trap

Alphabet = Mapping[str, int]
"""Every spelling of a code, with how many numbers it takes before its stride."""

_DIM = r"(?:\d+|\{[^{}]*\})"
_AXES = re.compile(rf"{_DIM}(?:x{_DIM})*")
_DECIMAL = re.compile(r"\d*\.\d+")
_PART = re.compile(_DIM)
_TEXTBOOK_FILTERS = re.compile(r"D(\d+)(?!\.?\d)")
_RATIO = re.compile(r"D(\d+\.\d+)")
_STRIDE_BY_S = re.compile(r"s(\d+(?:x\d+)*)")
MODIFIERS = "svfpdgwcnb"
NUMBERED_MODIFIERS = "pdg"


@dataclass
class CodeScanner:
    """Reads one word of codes; `expression` parses what stands in braces."""

    alphabet: Alphabet
    expression: Callable[[Span], Expression | None]
    report: Callable[[Diagnostic], None]

    def scan(self, word: Span) -> Iterator[Code | Broken]:
        """The codes in order; a Broken stands for what was reported."""
        trap = word_trap(word)
        if trap:
            self.report(trap)
            yield Broken(word)
            return
        start, text = 0, word.text
        while start < len(text):
            made = self._one(word, text, start)
            end = made if isinstance(made, int) else made.span.end - word.start
            yield Broken(Span(word.source, word.start + start, word.start + end)) if isinstance(made, int) else made
            start = end

    def _one(self, word: Span, text: str, start: int) -> Code | int:
        """The code at `start`; or, after a mistake that was reported, where to go on."""
        at = _Cursor(word, text, start)
        letters = self._letters(at)
        if letters is None:
            return at.position
        numbers: list[Expression] = []
        if first := at.take(_DECIMAL) or at.take(_AXES):
            numbers.append(self._number(first))
            if self.alphabet[letters] > 1:
                if trap := self._dropout_ratio(at, start):
                    return trap
                numbers += self._textbook_filters(at)
        elif self.alphabet[letters] > 1 and at.text.startswith("-", at.position):
            return self._without_kernel(at, start)
        if filters := self._behind(at, "-"):
            numbers.append(filters)
        stride = self._behind(at, "/")
        modifiers = self._modifiers(at, start)
        if isinstance(modifiers, int):
            return modifiers
        if at.position < len(text) and not text[at.position].isupper():
            return self._malformed(at)
        return Code(at.span(start, at.position), letters, tuple(numbers), stride, modifiers)

    def _without_kernel(self, at: "_Cursor", start: int) -> int:
        """`C-64`: filters and no kernel."""
        code = at.text[start : at.position]
        filters = at.text[at.position :]
        number = _PART.match(filters, 1)
        end = at.position + (number.end() if number else 1)
        instead = f"{code}3{at.text[at.position : end]}"
        next_code = end + len(re.split(r"[A-Z]", at.text[end:])[0])
        return self._trap(at.span(start, end), next_code, f"`{at.text[start:end]}` has filters and no kernel", instead)

    def _behind(self, at: "_Cursor", sign: str) -> Expression | None:
        """The number behind a sign, if it stands here: `-64`, `/2`."""
        if not at.text.startswith(sign, at.position):
            return None
        at.position += 1
        number = at.take(_AXES)
        return self._number(number) if number else None

    def _textbook_filters(self, at: "_Cursor") -> list[Expression]:
        """The `D64` of the textbook's `C3D64`."""
        depth = _TEXTBOOK_FILTERS.match(at.text, at.position)
        if depth is None:
            return []
        at.position = depth.end()
        return [number(at.span(*depth.span(1)), self.report)]

    def _dropout_ratio(self, at: "_Cursor", start: int) -> int | None:
        """`C3D0.5`: a convolution and a dropout, most likely, and no depth."""
        ratio = _RATIO.match(at.text, at.position)
        if ratio is None:
            return None
        code = at.text[start : at.position]
        message = f"`{code}{ratio[0]}` reads as {code} with a depth of {ratio[1]}"
        return self._trap(at.span(start, ratio.end()), ratio.end(), message, f"{code} D{ratio[1].lstrip('0')}")

    def _letters(self, at: "_Cursor") -> str | None:
        for length in (3, 2, 1):
            letters = at.text[at.position : at.position + length]
            if letters in self.alphabet:
                at.position += len(letters)
                return letters
        span = at.span(at.position, at.position + 1)
        at.position += 1
        while at.position < len(at.text) and not at.text[at.position].isupper():
            at.position += 1
        close = nearest_code(span.text)
        self.report(
            Diagnostic(
                "NET201",
                f"unknown code `{span.text}`",
                span,
                expected="one of: " + " ".join(sorted(self.alphabet)),
                found=span.text,
                help=f"write `{close}`" if close else "",
                edits=(Edit(span, close),) if close else (),
            )
        )
        return None

    def _modifiers(self, at: "_Cursor", start: int) -> tuple[Modifier, ...] | int:
        modifiers: list[Modifier] = []
        text = at.text
        while at.position < len(text) and text[at.position].islower():
            letter, here = text[at.position], at.position
            by_s = _STRIDE_BY_S.match(text, here)
            if by_s and "/" not in text[start:here]:
                code = f"{text[start:here]}/{by_s[1]}"
                return self._trap(
                    at.span(start, by_s.end()), len(text), f"a stride is written `/{by_s[1]}`, not `{by_s[0]}`", code
                )
            if letter not in MODIFIERS:
                return self._malformed(at)
            at.position += 1
            value = at.take(_AXES) if letter in NUMBERED_MODIFIERS else None
            if letter in NUMBERED_MODIFIERS and value is None:
                return self._malformed(at, f"`{letter}` needs a number, such as `{letter}2`")
            modifiers.append(Modifier(at.span(here, at.position), letter, self._number(value) if value else None))
        return tuple(modifiers)

    def _number(self, span: Span) -> Expression:
        if _DECIMAL.fullmatch(span.text):
            return number(span, self.report)
        parts = [
            self._dim(Span(span.source, span.start + m.start(), span.start + m.end()))
            for m in _PART.finditer(span.text)
        ]
        return parts[0] if len(parts) == 1 else Dims(span, tuple(parts))

    def _dim(self, span: Span) -> Expression:
        if span.text[0] != "{":
            return number(span, self.report)
        inside = Span(span.source, span.start + 1, span.end - 1)
        return self.expression(inside) or Broken(span)

    def _malformed(self, at: "_Cursor", message: str = "") -> int:
        rest = at.text[at.position : at.position + 1]
        span = at.span(min(at.position, len(at.text) - 1), min(at.position, len(at.text) - 1) + 1)
        self.report(
            Diagnostic(
                "NET103",
                message or f"`{rest}` does not belong in the code `{at.word.text}`",
                span,
                expected="letter, numbers, `/` stride, then modifiers of " + " ".join(MODIFIERS),
                found=at.word.text,
            )
        )
        return len(at.text)

    def _trap(self, span: Span, end: int, message: str, instead: str) -> int:
        self.report(
            Diagnostic(
                "NET104", message, span, help=f"write `{instead}`", edits=(Edit(span, instead),), found=span.text
            )
        )
        return end


@dataclass
class _Cursor:
    word: Span
    text: str
    position: int

    def take(self, pattern: re.Pattern[str]) -> Span | None:
        match = pattern.match(self.text, self.position)
        if match is None:
            return None
        self.position = match.end()
        return self.span(*match.span())

    def span(self, start: int, end: int) -> Span:
        return Span(self.word.source, self.word.start + start, self.word.start + end)

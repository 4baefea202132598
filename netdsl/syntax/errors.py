"""Where Lark stopped, in the words of the file: what stands there, what could stand there, what to type."""

from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from netdsl.diagnostics import Diagnostic, Edit, Label, Span
from netdsl.syntax.traps import code_call_trap

# Terminals as a person would say them; Lark's names for symbols never leave this file.
WORDS = {
    "CODES": "a code such as `C3-64`",
    "CALL": "a call such as `unit(64)`",
    "NAME": "a name",
    "RECIPE_NAME": "a recipe's name",
    "TAG": "a tag such as `@x`",
    "DIMS": "a shape such as `3x224x224`",
    "QUANTITY": "a figure such as `1.7M`",
    "PERCENT": "a percentage",
    "NUMBER": "a number",
    "STRING": 'a text in quotes such as `"D"`',
    "EXPECT_AT": "`expect(`",
    "COMPARE": "`==`, `<` or another comparison",
    "SIGN": "`+` or `-`",
    "SCALE": "`/` or `//`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "COMMA": "`,`",
    "SEMICOLON": "`;`",
    "EQUAL": "`=`",
    "EQUALS": "`=`",
    "ABOUT": "`~`",
    "VBAR": "`|`",
    "STAR": "`*`",
    "DOT": "`.`",
    "$END": "the end of the file",
}
OPENING = {"(": ")", "{": "}", "[": "]"}
CLOSING = {close: opening for opening, close in OPENING.items()}
# What word processors and other languages write: a multiplication sign, dashes and the minus sign, curly quotes.
LOOK_ALIKES = {
    "\u00d7": "x",
    "\u2013": "-",
    "\u2014": "-",
    "\u2212": "-",
    "\u201c": '"',
    "\u201d": '"',
    "\u00a0": " ",
    "\uff0c": ",",
    ":": "=",
}
FIRST = ("a code such as `C3-64`", "a name", "a number", "`(`", "`{`", "`}`")


def syntax_error(span: Span, error: UnexpectedToken | UnexpectedCharacters) -> Diagnostic:
    """The diagnostic for the text in `span` that the parser could not read."""
    offset = min(getattr(error, "pos_in_stream", None) or 0, len(span.text))
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        offset = len(span.text)
    if trap := code_call_trap(span, offset):
        return trap
    if brackets := _unbalanced(span):
        return brackets
    if isinstance(error, UnexpectedCharacters):
        return _stray_character(span, offset)
    if error.token.type == "$END" and not span.text.strip():
        return Diagnostic("NET106", "nothing stands here", span, expected="an expression", found="nothing")
    return _unexpected(span, offset, error)


def _unexpected(span: Span, offset: int, error: UnexpectedToken) -> Diagnostic:
    text = "the end of the text" if error.token.type == "$END" else f"`{str(error.token).rstrip('(')}`"
    expected = sorted({_word(name) for name in error.accepts or error.expected}, key=_order)
    shown = ", ".join(expected[:8]) + (", ..." if len(expected) > 8 else "")
    place = _place(span, offset, max(1, len(str(error.token))) if error.token.type != "$END" else 1)
    return Diagnostic("NET102", f"{text} cannot stand here", place, expected=shown, found=text.strip("`"))


def _word(terminal: str) -> str:
    return WORDS.get(terminal, f"`{terminal.lower()}`")


def _order(word: str) -> tuple[int, str]:
    return (FIRST.index(word) if word in FIRST else len(FIRST), word)


def _place(span: Span, start: int, length: int) -> Span:
    start = min(start, len(span.text))
    return Span(span.source, span.start + start, span.start + min(start + length, max(len(span.text), start)))


def _stray_character(span: Span, offset: int) -> Diagnostic:
    character = span.text[offset : offset + 1]
    place = _place(span, offset, 1)
    instead = LOOK_ALIKES.get(character, "")
    shown = character if character.isprintable() else f"character {ord(character):#x}"
    return Diagnostic(
        "NET101",
        f"`{shown}` means nothing here",
        place,
        expected="letters, digits, brackets, and the signs | * @ = ~ , ; / - + . #",
        found=shown,
        help=f"write `{instead}`" if instead else f"take `{shown}` out",
        edits=(Edit(place, instead),),
    )


def _unbalanced(span: Span) -> Diagnostic | None:
    """The first bracket that has no partner, comments and texts in quotes apart."""
    open_brackets: list[tuple[str, int]] = []
    for position, c in _code_characters(span.text):
        if c in OPENING:
            open_brackets.append((c, position))
        elif c in CLOSING:
            if not open_brackets:
                place = _place(span, position, 1)
                return Diagnostic(
                    "NET105",
                    f"`{c}` closes nothing",
                    place,
                    expected=f"a `{CLOSING[c]}` before it",
                    found=c,
                    help=f"take this `{c}` out",
                    edits=(Edit(place, ""),),
                )
            opening, start = open_brackets.pop()
            if OPENING[opening] != c:
                missing = CLOSING[c] in [opening for opening, _ in open_brackets]
                return _mismatch(span, opening, start, c, position, missing)
    if not open_brackets:
        return None
    opening, start = open_brackets[-1]
    end = span.end
    return Diagnostic(
        "NET105",
        f"`{opening}` is never closed",
        _place(span, start, 1),
        expected=f"a `{OPENING[opening]}` that closes it",
        found="the end of the file",
        help=f"write `{OPENING[opening]}` at the end",
        edits=(Edit(Span(span.source, end, end), OPENING[opening]),),
    )


def _mismatch(span: Span, opening: str, start: int, closing: str, position: int, missing: bool) -> Diagnostic:
    """A bracket that closes another kind: the right one is `missing` before it, or this one is mistyped."""
    place = _place(span, position, 1)
    return Diagnostic(
        "NET105",
        f"`{closing}` cannot close `{opening}`",
        place,
        expected=f"`{OPENING[opening]}`",
        found=closing,
        related=(Label(_place(span, start, 1), "opened here"),),
        help=f"write `{OPENING[opening]}`" + (" before it" if missing else f" in place of `{closing}`"),
        edits=(Edit(Span(span.source, place.start, place.start if missing else place.end), OPENING[opening]),),
    )


def _code_characters(text: str) -> list[tuple[int, str]]:
    """Brackets with their places, those in comments and quotes left out."""
    found: list[tuple[int, str]] = []
    quiet = ""
    for position, c in enumerate(text):
        if quiet:
            if c == quiet or (c == "\n" and quiet == '"'):
                quiet = ""
        elif c == "#":
            quiet = "\n"
        elif c == '"':
            quiet = '"'
        elif c in OPENING or c in CLOSING:
            found.append((position, c))
    return found

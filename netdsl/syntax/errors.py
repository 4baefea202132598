"""Where Lark stopped, in the words of the file: what stands there, what could stand there, what to type."""

import re

from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from netdsl.diagnostics import Diagnostic, Edit, Span
from netdsl.syntax.brackets import place_in, unbalanced
from netdsl.syntax.traps import code_call_trap

# Terminals as a person would say them; Lark's names for symbols never leave this file.
WORDS = {
    "CODES": "a code such as `C3-64`",
    "PAPER": "`conv3-64` or `maxpool`",
    "TIMES": "`x 3`",
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
    "ARROW": "`->`",
    "$END": "the end of the file",
}
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
_BARE_NUMBER = re.compile(r"(?<=[A-Za-z0-9}])([-/])([a-z_]\w*)")
FIRST = ("a code such as `C3-64`", "a name", "a number", "`(`", "`{`", "`}`")


def syntax_error(span: Span, error: UnexpectedToken | UnexpectedCharacters) -> Diagnostic:
    """The diagnostic for the text in `span` that the parser could not read."""
    offset = min(getattr(error, "pos_in_stream", None) or 0, len(span.text))
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        offset = len(span.text)
    if trap := code_call_trap(span, offset):
        return trap
    if brackets := unbalanced(span):
        return brackets
    if isinstance(error, UnexpectedCharacters):
        return _stray_character(span, offset)
    if error.token.type == "$END" and not span.text.strip():
        return Diagnostic("NET106", "nothing stands here", span, expected="an expression", found="nothing")
    return _unexpected(span, offset, error)


def _in_comment(text: str, offset: int) -> bool:
    return "#" in text[text.rfind("\n", 0, offset) + 1 : offset]


def _unexpected(span: Span, offset: int, error: UnexpectedToken) -> Diagnostic:
    expected = sorted({_word(name) for name in error.accepts or error.expected}, key=_order)
    shown = ", ".join(expected[:8]) + (", ..." if len(expected) > 8 else "")
    if error.token.type == "$END":
        message, found, length = "this ends too early", "the end", 1
        offset = max(0, len(span.text.rstrip()) - 1)
    else:
        found = str(error.token).rstrip("(") or "("
        message, length = f"`{found}` cannot stand here", max(1, len(str(error.token)))
    definition_wanted = "NET" in error.expected
    note = (
        "ops stand in a net: `net toy { input 3x32x32 ... }`"
        if definition_wanted and error.token.type != "$END"
        else ""
    )
    place = place_in(span, offset, length)
    if expected == ["`->`"]:
        return _no_arrow(span, offset, found)
    if bare := _BARE_NUMBER.match(span.text, offset):
        return _without_braces(span, offset, bare)
    if found == "(" and span.text[:offset].rstrip()[-1:].isidentifier():
        note = "the parenthesis of a definition or call touches its name; a `share` takes nothing"
    return Diagnostic("NET102", message, place, expected=shown, found=found, note=note)


def _without_braces(span: Span, offset: int, number: re.Match[str]) -> Diagnostic:
    """`C3-f`: a name in a code stands in braces."""
    instead = f"{number[1]}{{{number[2]}}}"
    place = place_in(span, offset, len(number[0]))
    return Diagnostic(
        "NET102",
        f"a name in a code stands in braces, and `{number[0]}` has none",
        place,
        expected="a number, or an expression in braces",
        found=number[0],
        help=f"write `{instead}`",
        edits=(Edit(place, instead),),
    )


def _no_arrow(span: Span, offset: int, found: str) -> Diagnostic:
    """A rule's left side is one op, then `->`."""
    wrong = next((sign for sign in ("=>", "=") if span.text.startswith(sign, offset)), "")
    place = place_in(span, offset, max(1, len(wrong)))
    return Diagnostic(
        "NET102",
        f"`{wrong or found}` cannot stand here",
        place,
        expected="one op, then `->` and what takes its place: `C -> C B`",
        found=wrong or found,
        help="write `->`" if wrong else "",
        note="" if wrong else "a rule's left side is one op",
        edits=(Edit(place, "->"),) if wrong else (),
    )


def _word(terminal: str) -> str:
    return WORDS.get(terminal, f"`{terminal.lower()}`")


def _order(word: str) -> tuple[int, str]:
    return (FIRST.index(word) if word in FIRST else len(FIRST), word)


def _stray_character(span: Span, offset: int) -> Diagnostic:
    character = span.text[offset : offset + 1]
    place = place_in(span, offset, 1)
    instead = LOOK_ALIKES.get(character, "")
    everywhere = [at for at, c in enumerate(span.text) if c == character and not _in_comment(span.text, at)]
    places = everywhere if instead.isalpha() or instead == "-" else [offset]
    shown = character if character.isprintable() else f"character {ord(character):#x}"
    return Diagnostic(
        "NET101",
        f"`{shown}` means nothing here",
        place,
        expected="letters, digits, brackets, and the signs | * @ = ~ , ; / - + . #",
        found=shown,
        help=f"write `{instead}`" if instead else f"take `{shown}` out",
        edits=tuple(Edit(place_in(span, at, 1), instead) for at in places),
    )

"""Spellings of other tools and papers that are nearly ours: each gets its own message and what to type."""

import re

from netdsl.diagnostics import Diagnostic, Edit, Span
from netdsl.syntax.torch_calls import call_as_code

# Words as other libraries write them, in lower case without their 1d/2d/3d, and what says the same here.
WORDS = {
    "relu": "R",
    "relu6": "R6",
    "conv": "C3-64",
    "convolution": "C3-64",
    "convtranspose": "T4-64/2",
    "deconv": "T4-64/2",
    "maxpool": "P",
    "maxpooling": "P",
    "pool": "P",
    "avgpool": "A",
    "averagepooling": "A",
    "globalaveragepooling": "G",
    "batchnorm": "B",
    "batchnormalization": "B",
    "instancenorm": "I",
    "dropout": "D.5",
    "linear": "F10",
    "dense": "F10",
    "softmax": "S",
    "upsample": "U2",
    "flatten": "flatten",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "gelu": "gelu",
    "elu": "elu",
    "silu": "silu",
    "leakyrelu": "leaky_relu(0.01)",
    "prelu": "prelu",
    "layernorm": "layer_norm",
    "groupnorm": "group_norm(32)",
    "identity": "id",
}
_DIMENSIONS = re.compile(r"[123]?[dD]$")
_CODE_CALL = re.compile(r"(?<![A-Za-z0-9_])([A-Z][A-Za-z0-9]*)\(([^()]*)\)")


def word_trap(word: Span) -> Diagnostic | None:
    """`ReLU`, `Conv2d`: the whole word is another tool's name for an op."""
    if not re.search(r"[A-Z][a-z]{2}|[A-Z]{2}U$|^ReLU", word.text):
        return None
    instead = WORDS.get(word.text.lower()) or WORDS.get(_DIMENSIONS.sub("", word.text).lower())
    if instead is None:
        return None
    return Diagnostic(
        "NET104",
        f"`{word.text}` is not a code",
        word,
        expected="a letter with its numbers, or an op's name in lower case",
        found=word.text,
        help=f"write `{instead}`" + (", with the numbers you mean" if re.search(r"\d", instead) else ""),
        edits=(Edit(word, instead),),
    )


def code_call_trap(whole: Span, offset: int) -> Diagnostic | None:
    """`C(3, 64)` or `Conv2d(3, 64, 5)`: a code with parentheses, around the place where parsing stopped."""
    for match in _CODE_CALL.finditer(whole.text):
        if not match.start() <= offset <= match.end():
            continue
        span = Span(whole.source, whole.start + match.start(), whole.start + match.end())
        instead = call_as_code(match[1], match[2])
        return Diagnostic(
            "NET104",
            f"the code `{match[1]}` takes no parentheses",
            span,
            expected="numbers right behind the letter",
            found=span.text,
            help=f"write `{instead}`" if instead else "",
            note="" if instead else "codes have numbers: `C3-64/2`; names have arguments: `conv(3, 64, stride=2)`",
            edits=(Edit(span, instead),) if instead else (),
        )
    return None


def nearest_code(letter: str) -> str | None:
    """What a letter that is no code most likely meant."""
    return {"N": "B", "X": "C", "K": "C", "W": "C", "O": "C", "E": "R", "Q": "P", "Z": "S"}.get(letter)

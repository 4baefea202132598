"""`fmt --expand`: every default written out, and the same network from what is written."""

from pathlib import Path

import pytest

from netdsl.diagnostics import DiagnosticsError, Source
from netdsl.expand import same_networks
from netdsl.formatter import tidied

ROOT = Path(__file__).parents[1]
FILES = [*sorted((ROOT / "nets").glob("*.net")), *sorted((ROOT / "tests" / "good").glob("*.net"))]


def expanded(text: str) -> str:
    """The expanded form of what stands in a net."""
    made = tidied(Source("<text>", f"net x {{ input 3x32x32\n{text}\n}}"), expand=True)
    return made.removeprefix("net x {\n  input 3x32x32\n  ").removesuffix("\n}\n")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_same_networks(path: Path) -> None:
    source = Source(str(path), path.read_text(encoding="utf-8"))
    text = tidied(source, expand=True)
    assert same_networks(source, Source(str(path), text))
    assert tidied(Source(str(path), text), expand=True) == text


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("C3-8", "conv(3, 8, stride = 1, padding = same, dilation = 1, groups = 1, bias = true)"),
        ("C5-8/2v", "conv(5, 8, stride = 2, padding = valid, dilation = 1, groups = 1, bias = true)"),
        ("C", "conv(3, 64, stride = 1, padding = same, dilation = 1, groups = 1, bias = true)"),
        ("C3wn", "conv(3, stride = 1, padding = same, dilation = 1, groups = depthwise, bias = false)"),
        ("P", "max_pool(2, stride = 2, padding = valid, dilation = 1, ceil_mode = false)"),
        ("conv(3, 8, bias = false)", "conv(3, 8, bias = false, stride = 1, padding = same, dilation = 1, groups = 1)"),
        ("R  # a comment", "R  # a comment"),
        ("dropout()", "dropout(p = 0.5)"),
        ("D", "dropout(0.5)"),
        ("head a { F10 }", "head a(weight = 1, loss = cross_entropy, target = label) { linear(10, bias = true) }"),
        ("residual { R }", "residual(shortcut = auto, drop_path = 0, scale = 1) { R }"),
    ],
)
def test_defaults(written: str, instead: str) -> None:
    assert expanded(written) == instead


def test_a_bias_that_a_norm_takes_away_and_one_that_depends_on_the_place() -> None:
    assert "bias = false" in expanded("C3-8 B").partition("batch_norm")[0]
    assert "bias" not in expanded("for i in [1, 2] { C3-8 if i == 1 { B } }").partition("if")[0]


def test_a_bare_code_that_differs_from_place_to_place_stays() -> None:
    assert expanded("(C R P)*2").startswith("(C R max_pool(")


def test_a_switch_the_other_way_round_counts() -> None:
    text = "net x(bn = false) {\n  input 3x8x8\n  C3-4 if bn { B } R\n}\n"
    assert "bias" not in tidied(Source("<text>", text), expand=True)


def test_words_that_are_names_of_the_file_stay_defaults() -> None:
    text = "net x(same = 3) {\n  input 3x8x8\n  C{same}-4 R\n}\n"
    assert "conv(same, 4, stride = 1, dilation = 1" in tidied(Source("<text>", text), expand=True)


def test_rules_stay_and_so_does_what_they_rewrite() -> None:
    text = "net a {\n  input 3x8x8\n  C3-4 R\n}\nnet b = a with { C3-{f} -> C5-{f} B }\n"
    made = tidied(Source("<text>", text), expand=True)
    assert "conv(3, 4, stride = 1, padding = same, dilation = 1, groups = 1) R" in made
    assert "with { C3-{f} -> C5-{f} B }" in made


def test_a_net_with_errors_is_refused() -> None:
    with pytest.raises(DiagnosticsError, match="NET301"):
        tidied(Source("<text>", "net a { input 3x8x8 add { C3-4 | C3-8 } }"), expand=True)

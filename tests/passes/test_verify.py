"""Claims: what `=` and `~` accept, at which parameters they are checked, and of which part."""

import pytest

from netdsl.compiler import Pipeline
from netdsl.diagnostics import Diagnostic
from netdsl.geometry import FeatureMap
from netdsl.syntax.numbers import quantity


def checked(claims: str, settings: dict | None = None, **more) -> tuple[list[bool], list[Diagnostic]]:
    text = f"net toy(n = 2, width = 16) {{ input 3x32x32 ((C3-{{width}} R)*n P) @stem G F10 {claims} }}"
    found = Pipeline.of(text).compile(settings=settings, **more)
    return [claim.holds for claim in found.claims], list(found.errors)


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        ("params = 2_938", True),
        ("params = 2938", True),
        ("params = 2_937", False),
        ("params ~ 2.9K", True),
        ("params ~ 3K", True),  # rounded
        ("params ~ 2K", True),  # truncated
        ("params ~ 2.93K", True),
        ("params ~ 2.94K", True),
        ("params ~ 2.95K", False),
        ("params ~ 4K", False),
        ("params ~ 2.938K", True),
        ("params ~ 2.9Ki", True),  # 2,938 / 1024 = 2.869
        ("params ~ 2.8Ki", True),
        ("params ~ 2.7Ki", False),
        ("params ~ 2938", True),
        ("depth = 3", True),
        ("depth = n + 1", True),
        ("depth = n", False),
        ("output = 10", True),
        ("shape @stem = 16x16x16", True),
        ("shape @stem = 16x32x32", False),
        ("params @stem = 2_768", True),
        ("macs @stem ~ 2.8M", True),
        ("macs = 2_801_824", True),
        ("params = 28 * width + (width * 9 + 1) * width * (n - 1) + (width + 1) * 10", True),
    ],
)
def test_holds(claim, holds):
    results, errors = checked(f"expect {claim}")
    assert results == [holds]
    assert [e.code for e in errors] == ([] if holds else ["NET401"])


@pytest.mark.parametrize(
    ("claim", "code"), [("parms = 1", "NET402"), ("depth @stem = 2", "NET402"), ("params @x = 1", "NET209")]
)
def test_nothing_to_check(claim, code):
    assert [e.code for e in checked(f"expect {claim}")[1]] == [code]


def test_printed_is_never_an_error():
    assert checked("printed params ~ 4K, depth = 9") == ([False, False], [])


def test_claims_at_other_parameters():
    assert checked("expect(n = 1) depth = 2, params = 618 expect(1, 8) params = 314 expect(width = 8) depth = 3") == (
        [True] * 4,
        [],
    )
    assert [e.code for e in checked("expect(n = 9, wide = 3) depth = 10")[1]] == ["NET204"]


def test_a_claim_at_parameters_without_a_net():
    (error,) = checked("expect(n = 1 / 2) depth = 2")[1]
    assert error.code == "NET403"
    assert "NET207" in error.note


def test_literal_claims_are_about_the_net_as_written():
    claims = "expect params = 2_938, depth = n + 1"
    assert checked(claims, {"n": 3}) == ([True], [])
    assert checked(claims) == ([True, True], [])
    assert checked(claims, {"n": 2}) == ([True, True], [])


def test_the_help_is_in_the_form_of_the_claim():
    (error,) = checked("expect params ~ 2.1K")[1]
    assert [e.text for e in error.edits] == ["2.9K"]
    (error,) = checked("expect macs ~ 1G")[1]
    assert [e.text for e in error.edits] == ["0.003G"]


@pytest.mark.parametrize(
    ("count", "printed"), [(681_506, "682K"), (272_282, "272K"), (1_730_522, "1.7M"), (36_479_194, "36.5M")]
)
def test_table_4_6_of_the_thesis(count, printed):
    """True counts of the nets and the figures printed for them."""
    value, step = quantity(printed)
    assert value in (count // step * step, round(count / step) * step)


@pytest.mark.parametrize(
    ("text", "figure"), [("1.9e3", (1900, 100)), ("2e6", (2_000_000, 1_000_000)), ("1930", (1930, 1))]
)
def test_the_last_digit_of_a_figure_with_an_exponent(text, figure):
    assert quantity(text) == figure


@pytest.mark.parametrize("claimed", ["~ 10%", "= 10%", '= "x"'])
def test_what_is_no_figure(claimed):
    (error,) = checked(f"expect params {claimed}")[1]
    assert error.code == "NET402"


def test_a_claim_that_cannot_be_checked_leaves_the_others():
    errors = checked("expect shape @nowhere = 3x3x3, depth = 77")[1]
    assert [error.code for error in errors] == ["NET209", "NET401"]


def test_claims_of_a_net_whose_input_comes_from_outside():
    """There is no other input that the claim could be about."""
    (error,) = Pipeline.of("C3-8 expect params = 5").compile(given=FeatureMap(3, (8, 8))).errors
    assert (error.code, error.found) == ("NET401", "224")

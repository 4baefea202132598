"""What a text may give for an attribute, and what it is told otherwise."""

import pytest

from netdsl.layers.attributes import AXES, COUNT, FLAG, GROUPS, NUMBER, PADDING, PIXELS, PROBABILITY, Kind, word

from .making import early_problems, fmap


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (COUNT, [1, 64], [0, -1, 1.5, True, "3", (3, 3), None]),
        (AXES, [1, (1, 7), (3, 3, 3)], [0, (3, 0), (), 1.5, True, "same"]),
        (PADDING, [0, (0, 1), "same", "valid", "full"], [-1, "half", (0, -1), True]),
        (PIXELS, [0, (0, 1)], ["same", -1]),
        (GROUPS, [1, 32, "depthwise"], [0, "same", (2, 2)]),
        (FLAG, [True, False], [0, 1, "true"]),
        (NUMBER, [-1, 0.5], [True, "one"]),
        (PROBABILITY, [0, 0.999], [1, 5, -0.1]),
        (word("zero", "reflect"), ["zero", "reflect"], ["mirror", 0, False]),
    ],
    ids=lambda value: value.name if isinstance(value, Kind) else "",
)
def test_kinds(kind: Kind, good: list[object], bad: list[object]) -> None:
    assert all(kind.accepts(value) for value in good)
    assert not any(kind.accepts(value) for value in bad)


def test_an_unknown_attribute_gets_the_nearest_name() -> None:
    (problem,) = early_problems("C", fmap("3x8x8"), kernel_size=3, out_channels=8, strides=2)
    assert (problem.code, problem.found, problem.help) == ("NET204", "strides", "write `stride`")
    assert problem.argument == "strides"


def test_an_op_without_attributes_says_so() -> None:
    (problem,) = early_problems("sigmoid", fmap("3x8x8"), scale=2)
    assert (problem.code, problem.expected) == ("NET204", "no attributes")


def test_each_wrong_value_has_its_own_problem() -> None:
    found = early_problems("C", fmap("3x8x8"), kernel_size=0, out_channels=True)
    assert [(p.code, p.argument, p.found) for p in found] == [
        ("NET206", "kernel_size", "0"),
        ("NET206", "out_channels", "true"),
    ]


def test_an_attribute_that_is_missing() -> None:
    (problem,) = early_problems("local", fmap("3x8x8"), kernel_size=3)
    assert (problem.code, problem.message) == ("NET205", "`local` needs `out_channels`")

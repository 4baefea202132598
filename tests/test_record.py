"""Records: what `@dataclass(frozen=True)` gives, without its generated code."""

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, is_dataclass, replace
from typing import Any

import pytest

from netdsl.record import Record, record


@record
class Point(Record):
    x: int
    y: int = 2
    names: list[str] = field(default_factory=list, compare=False)
    hidden: int = field(default=0, repr=False)


@dataclass(frozen=True)
class DataPoint:
    x: int
    y: int = 2
    names: list[str] = field(default_factory=list, compare=False)
    hidden: int = field(default=0, repr=False)


@record
class Point3(Point):
    z: int = 3


@record
class Empty(Record):
    pass


ARGUMENTS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1,), {}),
    ((1, 5), {}),
    ((), {"x": 1}),
    ((1,), {"names": ["a"]}),
    ((1, 2, ["a"], 4), {}),
    ((), {"hidden": 7, "x": 0}),
]
WRONG: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}),
    ((), {"y": 1}),
    ((1,), {"x": 1}),
    ((1, 2), {"x": 1}),
    ((1,), {"w": 1}),
    ((1, 2, [], 4, 5), {}),
    ((1, 2, [], 4), {"x": 1}),
    ((1, 2, [], 4, 5), {"x": 1}),
    ((1, 2, []), {"w": 4}),
    ((), {"x": 1, "y": 2, "names": [], "w": 4}),
]


@pytest.mark.parametrize(("args", "kwargs"), ARGUMENTS, ids=str)
def test_a_record_is_what_the_dataclass_is(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    ours, theirs = Point(*args, **kwargs), DataPoint(*args, **kwargs)
    assert repr(ours) == repr(theirs).replace("DataPoint", "Point")
    assert asdict(ours) == asdict(theirs)  # type: ignore[call-overload]
    assert [f.name for f in fields(ours)] == [f.name for f in fields(theirs)]  # type: ignore[arg-type]
    assert is_dataclass(ours)


@pytest.mark.parametrize(("args", "kwargs"), WRONG, ids=str)
def test_wrong_arguments_are_a_type_error(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        DataPoint(*args, **kwargs)
    with pytest.raises(TypeError, match="Point"):
        Point(*args, **kwargs)


def test_equal_by_value_and_kind() -> None:
    assert Point(1) == Point(1, 2)
    assert Point(1) != Point(2)
    assert Point(1, names=["a"]) == Point(1, names=["b"])
    assert Point(1, hidden=1) != Point(1)
    assert Point(1) != Point3(1)
    assert Point(1) != DataPoint(1)
    assert Point(1) != (1, 2)
    assert Empty() == Empty()


def test_hash_by_what_is_compared() -> None:
    assert hash(Point(1, names=["a"])) == hash(Point(1))
    assert len({Point(1), Point(1), Point(2), Point3(1)}) == 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(Point([]))  # type: ignore[arg-type]


def test_frozen() -> None:
    point = Point(1)
    with pytest.raises(FrozenInstanceError, match="cannot set x"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="cannot set other"):
        point.other = 2  # type: ignore[attr-defined]
    with pytest.raises(FrozenInstanceError, match="cannot delete x"):
        del point.x  # type: ignore[misc]
    assert point == Point(1)


def test_replace() -> None:
    assert replace(Point(1, 5), y=6) == Point(1, 6)
    assert replace(Point3(1), x=4) == Point3(4)
    with pytest.raises(TypeError):
        replace(Point(1), w=1)  # type: ignore[call-arg]


def test_each_instance_has_its_own_default_list() -> None:
    one, other = Point(1), Point(1)
    one.names.append("a")
    assert other.names == []


def test_a_subclass_adds_its_fields_behind() -> None:
    assert repr(Point3(1, 2, [], 0, 9)) == "Point3(x=1, y=2, names=[], z=9)"
    assert [f.name for f in fields(Point3(1))] == ["x", "y", "names", "hidden", "z"]


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))])
def test_copies(again: Any) -> None:
    point = Point3(1, names=["a"])
    twin = again(point)
    assert twin == point
    assert twin.names == ["a"]
    assert type(twin) is Point3


def test_pattern_matching() -> None:
    match Point(1, 7):
        case Point(x=1, y=y):
            assert y == 7
    match Point(3, 7):
        case Point(x, y):
            assert (x, y) == (3, 7)

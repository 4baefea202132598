"""The rows of a summary: few enough to read, sums that are the net's, folds that say what they fold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netdsl.compiler import Pipeline, compile_network
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network
from netdsl.passes.files import bundled_nets
from netdsl.summary.rows import MOST_ROWS, Row, summary_rows

FLAT = ("vgg19", "vgg16_bn", "vgg16_all_conv", "vgg16_factored")  # 41 rows and more with nothing to fold


def inline(text: str) -> Network:
    return compile_network(text, given=FeatureMap(3, (16, 16)))


def names(rows: list[Row]) -> list[str]:
    return ["  " * row.indent + (row.name if row.repeats == 1 else f"{row.name}..{row.last_name}") for row in rows]


def assert_sums(network: Network, rows: list[Row]) -> None:
    """Rows inside a folded one show its first repeat and are not added."""
    top = [row for row in rows if row.indent == 0]
    assert sum(row.params for row in top) == network.params
    beside = [head for head in network.heads if not network.final_heads]
    of_heads = sum(network.head_counts(head).macs for head in beside)
    assert sum(row.macs for row in top) == network.macs + of_heads


@pytest.mark.parametrize("name", bundled_nets())
def test_every_bundled_net_fits_a_screen(name: str) -> None:
    pipeline = Pipeline.of(name)
    for net in pipeline.nets:
        network = pipeline.compile(net).network
        assert network is not None
        rows = summary_rows(network)
        assert len(rows) <= MOST_ROWS or net in FLAT
        assert_sums(network, rows)
        assert rows[0].code.startswith("input")
        assert rows[-1].output == str(network.nodes[-1].output)
        assert rows[-1].field == network.fields[-1]


def test_a_small_net_is_shown_layer_by_layer() -> None:
    network = compile_network("baseline")
    rows = summary_rows(network)
    assert names(rows) == [node.name for node in network.nodes]
    assert [row.code for row in rows] == [node.layer.code for node in network.nodes]
    assert [(row.params, row.macs) for row in rows] == [(c.params, c.macs) for c in network.counts]


def test_densenet_folds_into_its_dense_blocks() -> None:
    folded = [row for row in summary_rows(compile_network("densenet")) if row.repeats > 1]
    assert names(folded) == [f"stage{i}.dense1..dense12" for i in (1, 2, 3)]
    assert [(row.code, row.output) for row in folded] == [
        ("4 layers", "160x32x32"),
        ("4 layers", "304x16x16"),
        ("4 layers", "448x8x8"),
    ]


def test_inside_a_fold_stands_its_first_repeat() -> None:
    rows = summary_rows(compile_network("densenet"))
    start = names(rows).index("stage2.dense1..dense12")
    assert names(rows[start + 1 : start + 5]) == ["  batch_norm1", "  relu1", "  conv1", "  concat1"]
    assert [row.params for row in rows[start + 1 : start + 5]] == [2 * 160, 0, 9 * 160 * 12, 0]


def test_resnet_folds_exactly_first() -> None:
    """The first unit of a stage has another shape, so it stands alone."""
    assert names(summary_rows(compile_network("resnet", {"n": 5}))) == [
        *("input", "conv1", "stage1.unit1..unit5"),
        *("stage2.unit1", "stage2.unit2..unit5", "stage3.unit1", "stage3.unit2..unit5"),
        *("batch_norm1", "relu1", "global_avg_pool1", "linear1"),
    ]


def test_the_deepest_net_is_as_short() -> None:
    network = compile_network("resnet", {"n": 111, "bottleneck": True})
    rows = summary_rows(network)
    assert len(rows) < MOST_ROWS
    assert_sums(network, rows)


def test_parts_with_tags_are_shown_one_by_one() -> None:
    rows = summary_rows(compile_network("googlenet"))
    assert [row.name for row in rows if row.name[0].isdigit()] == ["3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"]
    assert all(row.repeats == 1 for row in rows)
    same = " ".join(f"(C3-8 R B R C3-8 R) @{tag}" for tag in "pqrstuvw")
    assert names(summary_rows(inline(f"C3-8 {same}"))) == ["input", "conv1", *"pqrstuvw"]


def test_too_many_tags_for_a_screen_are_folded_in_the_end() -> None:
    network = inline("C3-8 " + " ".join(f"(C3-8 R) @t{i}" for i in range(60)))
    rows = summary_rows(network)
    assert names(rows) == ["input", "conv1", "t0..t59"]
    assert_sums(network, rows)


def test_a_tag_inside_does_not_tell_repeats_apart() -> None:
    network = inline("C3-8 (residual(project=@a) { B R @a C3-8 B R C3-8 })*9")
    assert "residual1..residual9" in names(summary_rows(network))


def test_a_pattern_of_layers_is_folded_layer_by_layer() -> None:
    network = inline("C3-8 R C3-8 R (C3-8 B R)*20")
    rows = summary_rows(network)
    folded = [row for row in rows if row.repeats > 1]
    assert {row.code for row in folded} == {"C3-8", "B", "R"}
    assert_sums(network, rows)


def test_a_fold_over_other_numbers_says_so() -> None:
    network = inline(" ".join(f"C3-{i} R" for i in range(1, 40)))
    rows = summary_rows(network)
    assert [(row.name, row.last_name, row.code, row.output) for row in rows[1:]] == [
        ("conv1", "conv39", "C3-1 …", "39x16x16"),
        ("relu1", "relu39", "R", "39x16x16"),
    ]
    assert_sums(network, rows)


@pytest.mark.parametrize(("depth", "count"), [(1, 9), (2, 13), (3, 39), (9, 113)])
def test_a_depth_shows_parts_unfolded(depth: int, count: int) -> None:
    network = compile_network("resnet", {"n": 5})
    rows = summary_rows(network, depth)
    assert_sums(network, rows)
    assert all(row.repeats == 1 for row in rows)
    if depth == 1:
        assert [row.name for row in rows[:5]] == ["input", "conv1", "stage1", "stage2", "stage3"]
        assert rows[2].code == "35 layers"
    if depth > 3:
        assert [row.name for row in rows] == [node.name for node in network.nodes]


def test_numbers_that_were_filled_in_are_marked() -> None:
    rows = summary_rows(inline("CRCRPCRF10"))
    assert [row.name for row in rows if row.filled_in] == ["conv1", "conv2", "conv3"]


items = st.recursive(
    st.sampled_from(["C3-4", "C3-4 R", "R", "B", "C1-6", "P3/1s", "(C3-4 B R)@t"]),
    lambda inside: st.one_of(
        st.builds("({} {})*{}".format, inside, inside, st.integers(1, 7)),
        st.builds("residual {{ {} }}".format, inside),
        st.builds("concat {{ {} | {} }}".format, inside, inside),
    ),
    max_leaves=5,
)


@given(st.lists(items, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_sums_of_whatever_is_folded(parts: list[str]) -> None:
    compilation = Pipeline.of(f"net a {{ input 3x16x16 {' '.join(parts)} }}").compile()
    if compilation.network is not None:
        for depth in (None, 1, 2, 99):
            assert_sums(compilation.network, summary_rows(compilation.network, depth))

"""What must hold for any net: jumps, parameters, repetition, and that a layout is the same each time."""

from math import prod

from hypothesis import given, settings
from hypothesis import strategies as st

from netdsl.compiler import compile_network
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network

quick = settings(max_examples=60, deadline=None, derandomize=True)


def laid_out(text: str, channels: int = 3, *size: int) -> Network:
    return compile_network(f"id {text}", given=FeatureMap(channels, size or (32, 32)))


steps = st.sampled_from(["C3-8", "C3-8/2", "C1-4/3", "P", "P3/1s", "A3/2s", "C5-8v", "C3-8/2x1", "R", "B", "C3-8d2"])


@quick
@given(st.lists(steps, min_size=1, max_size=5))
def test_the_jump_of_a_chain_is_the_product_of_its_strides(chain):
    network = laid_out(" ".join(chain), 3, 300, 300)
    windows = [window for node in network.nodes for window in [getattr(node.layer, "windows", None)] if window]
    expected = tuple(prod(w[axis].stride for w in windows) for axis in (0, 1))
    assert network.fields[network.output_node].jump == expected


@quick
@given(
    st.sampled_from(["C3-8", "C5-12/2", "C1x7-4", "C3-9g3", "C3w", "T4-8/2", "B", "I", "prelu", "group_norm(3)"]),
    st.tuples(st.integers(9, 40), st.integers(9, 40)),
    st.tuples(st.integers(9, 40), st.integers(9, 40)),
)
def test_params_do_not_change_with_height_and_width(code, size, other):
    assert laid_out(code, 3, *size).params == laid_out(code, 3, *other).params


items = st.sampled_from(
    [
        "R",
        "C3-8 R",
        "add { C1-{here.channels} R | id }",
        "residual { C3-5 B R C3-5 B }",
        "dense { B R C3-2 }",
        "concat { id | C1-1 }",
    ]
)


def without_names(network: Network) -> list[object]:
    nodes = [(n.layer, n.inputs, n.output, n.filled_in) for n in network.nodes]
    return [nodes, network.counts, network.fields, network.output_node, network.depth]


@quick
@given(items, st.integers(1, 4))
def test_a_repetition_is_the_item_written_out(item, count):
    written_out = " ".join([f"({item})"] * count)
    assert without_names(laid_out(f"({item})*{count}")) == without_names(laid_out(written_out))


@quick
@given(items, st.integers(0, 3))
def test_a_loop_is_a_repetition(item, count):
    loop = f"C3-3 for i in range({count}) {{ {item} }}"
    assert without_names(laid_out(loop)) == without_names(laid_out(f"C3-3 ({item})*{count}"))


@quick
@given(st.lists(items, min_size=1, max_size=3).map(" ".join))
def test_names_are_unique_and_a_layout_is_the_same_each_time(text):
    network = laid_out(text)
    names = [node.name for node in network.nodes]
    assert len(set(names)) == len(names)
    assert not any(a != b and b.startswith(a + ".") for a in names for b in names)  # a module and a weight cannot share
    assert [n.name for n in laid_out(text).nodes] == names


@quick
@given(st.sampled_from(["C3-8 R P", "C3w R A", "dense { C3-2 }*3", "C3-8 B R"]), st.integers(1, 3))
def test_macs_scale_with_the_area_where_nothing_is_cut_off(text, factor):
    small, large = laid_out(text, 3, 8, 8), laid_out(text, 3, 8 * factor, 8)
    assert large.macs == factor * small.macs

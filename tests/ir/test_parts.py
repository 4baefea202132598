"""Parts of a net by their names."""

import pytest

from netdsl.compiler import compile_network
from netdsl.diagnostics import DiagnosticsError
from netdsl.ir.parts import part, tensor_at, upstream, weighted

BRANCHED = """net b { input 3x8x8  (C3-4 R C3-4 R) @one
  concat { C1-2 @left R | C1-3 @right R } @both  head aux(weight = 0.3) { G F10 }  C3-5 @last R G F10 }"""


@pytest.fixture(scope="module")
def net():
    return compile_network(BRANCHED)


def names(net, nodes):
    return [net.nodes[i].name for i in sorted(nodes)]


def test_a_tag_means_a_tensor_and_a_scope(net):
    assert net.nodes[tensor_at(net, "@one")].name == "one.relu2"
    assert names(net, part(net, "one")) == ["one.conv1", "one.relu1", "one.conv2", "one.relu2"]


def test_a_layer_and_the_beginning_of_names(net):
    assert net.nodes[tensor_at(net, "one.conv2")].name == "one.conv2"
    assert names(net, part(net, "one.conv2")) == ["one.conv2"]
    assert names(net, weighted(net, part(net, "aux"))) == ["aux.linear1"]


def test_what_a_tensor_is_computed_from(net):
    """Neither the branch beside it nor a head before it."""
    before = names(net, weighted(net, upstream(net, tensor_at(net, "@both.branch2.right"))))
    assert before == ["one.conv1", "one.conv2", "both.branch2.right"]
    after = names(net, weighted(net, upstream(net, tensor_at(net, "@last"))))
    assert after == ["one.conv1", "one.conv2", "both.branch1.left", "both.branch2.right", "last"]


def test_tied_and_shared_weights_come_with_what_uses_them():
    tied = compile_network("net t { input 3x8x8 C3-4 @c R tied(@c) @d }")
    assert names(tied, weighted(tied, upstream(tied, tensor_at(tied, "@d")))) == ["c", "d"]
    shared = compile_network(
        "net s { input 3x8x8 share unit { C3-4b R } concat { unit | C1-3 unit @second } @both G F10 }"
    )
    own = weighted(shared, upstream(shared, tensor_at(shared, "both.branch2.second")))
    assert len(own) == 2 and all(shared.nodes[i].repeats is None for i in own)


@pytest.mark.parametrize(
    ("name", "says"), [("@on", "`@one`"), ("one.conv3", "`one.conv"), ("zzz", "tags: @one, @both.branch1.left")]
)
def test_an_unknown_name(net, name, says):
    for look in (tensor_at, part):
        with pytest.raises(DiagnosticsError) as caught:
            look(net, name)
        assert [d.code for d in caught.value.diagnostics] == ["NET209"]
        assert says in str(caught.value)

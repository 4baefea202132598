"""Learned vectors for indices, starting with Kim's words."""

import torch

from netdsl.compiler import compile_network

from .making import codes, early_problems, fmap, make


def test_kims_words() -> None:
    """Of a sentence of 56 words from a vocabulary of 18,765."""
    x = fmap("56")
    layer = make("embedding", x, num_embeddings=18_765, embedding_dim=300)
    assert (layer.code, str(layer.output(x))) == ("embedding(18765, 300)", "300x56")
    assert (layer.params(x), layer.macs(x), layer.weighted) == (5_629_500, 0, False)


def test_a_row_is_looked_up_for_each_index() -> None:
    x = fmap("4")
    module = make("embedding", x, num_embeddings=6, embedding_dim=2).lower(x)
    indices = torch.tensor([[5, 0, 5, 1], [2, 2, 3, 4]])
    found = module(indices)
    assert found.shape == (2, 2, 4)
    assert torch.equal(found[0, :, 2], module.weight[5])
    assert torch.equal(module(indices.float()), found)


def test_a_map_of_one_channel_keeps_its_size() -> None:
    x = fmap("1x3x5")
    layer = make("embedding", x, num_embeddings=6, embedding_dim=2)
    assert str(layer.output(x)) == "2x3x5"
    indices = torch.randint(6, (2, 1, 3, 5))
    module = layer.lower(x)
    assert torch.equal(module(indices)[1, :, 2, 4], module.weight[indices[1, 0, 2, 4]])


def test_several_channels_are_no_indices() -> None:
    assert codes(early_problems("embedding", fmap("3x32"), num_embeddings=6, embedding_dim=2)) == ["NET319"]
    assert codes(early_problems("embedding", fmap("32"), num_embeddings=6)) == ["NET205"]


def test_fields_count_in_symbols() -> None:
    network = compile_network("input 1x100 embedding(50, 8) C7-16 R P3 C3-16 R")
    assert [field.size for field in network.fields] == [(1,), (1,), (7,), (7,), (9,), (15,), (15,)]

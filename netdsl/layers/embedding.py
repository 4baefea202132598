"""The layer that text starts from: a learned vector for each index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from netdsl.diagnostics import Problem
from netdsl.geometry import FeatureMap
from netdsl.layers.attributes import COUNT, Attribute, Value
from netdsl.layers.base import Layer, layer
from netdsl.record import record

if TYPE_CHECKING:
    from torch.nn import Module


@layer("embedding")
@record
class Embedding(Layer):
    """A learned vector for each index from 0 to num_embeddings - 1; its numbers become the channels.

    Shape:  (n) -> (embedding_dim, n); a map of one channel, (1, *size) -> (embedding_dim, *size)
    Params: num_embeddings * embedding_dim
    MACs:   0: a row is looked up
    Errors: NET319 for a map of more than one channel
    Source: Bengio et al. 2003, "A neural probabilistic language model", section 2; Collobert et al. 2011,
            arXiv:1103.0398, section 3.2.1
    """

    num_embeddings: int
    embedding_dim: int

    signature = (Attribute("num_embeddings", COUNT), Attribute("embedding_dim", COUNT))
    numbers = ("num_embeddings", "embedding_dim")

    @classmethod
    def shape_problems(cls, given: Mapping[str, Value], x: FeatureMap) -> Iterator[Problem]:
        if x.size and x.channels > 1:
            filters = given["embedding_dim"]
            yield Problem(
                "NET319",
                "`embedding` sees more than one number in each place",
                expected="indices: a vector, or a map of one channel",
                found=f"input {x}",
                help=f"if the channels are one-hot codes, write `C1-{filters}` ({x.channels * filters:,} weights)",
                replacement=f"C1-{filters}",
            )

    def output(self, x: FeatureMap) -> FeatureMap:
        return FeatureMap(self.embedding_dim, x.size or (x.channels,))

    def params(self, x: FeatureMap) -> int:
        return self.num_embeddings * self.embedding_dim

    def scratch_bytes(self, x: FeatureMap) -> int:
        return 8 * x.numel  # the indices as int64

    def lower(self, x: FeatureMap) -> Module:
        from netdsl.modules.embedding import ChannelsFirstEmbedding

        return ChannelsFirstEmbedding(self.num_embeddings, self.embedding_dim)

"""Embeddings whose vectors are channels."""

from torch import Tensor, nn


class ChannelsFirstEmbedding(nn.Embedding):
    """Indices (N, n) to (N, embedding_dim, n), or (N, 1, *size) to (N, embedding_dim, *size).

    Indices are whole numbers of any type; a float holds them exactly up to 2^24.
    """

    def forward(self, x: Tensor) -> Tensor:
        indices = x.long() if x.dim() == 2 else x.long().squeeze(1)
        return super().forward(indices).movedim(-1, 1)

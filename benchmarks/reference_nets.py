"""The nets of train_speed.py as they are commonly written in torch: no layout chosen, one map after another.

Post-activation ResNets with shortcuts that take every second pixel and add zero channels; DenseNets whose layers each
concatenate what came in and what they made.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional


class Unit(nn.Module):
    """He et al. 2015, arXiv:1512.03385, figure 2, with its option A."""

    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.new = filters - channels

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.new:
            x = functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.new // 2, self.new // 2))
        return functional.relu(x + y)


def resnet(n: int) -> nn.Module:
    """Depth 6n + 2."""
    channels, units = 16, []
    for filters in (16, 32, 64):
        for _ in range(n):
            units.append(Unit(channels, filters, 1 if channels == filters else 2))
            channels = filters
    stem = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    return nn.Sequential(*stem, *units, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


class Layer(nn.Module):
    """Huang et al. 2016, arXiv:1608.06993, section 3, with or without a bottleneck."""

    def __init__(self, channels: int, growth_rate: int, bottleneck: bool) -> None:
        super().__init__()
        middle = 4 * growth_rate
        parts = [nn.BatchNorm2d(channels), nn.ReLU()]
        if bottleneck:
            parts += [nn.Conv2d(channels, middle, 1, bias=False), nn.BatchNorm2d(middle), nn.ReLU()]
        before = middle if bottleneck else channels
        self.body = nn.Sequential(*parts, nn.Conv2d(before, growth_rate, 3, padding=1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.body(x)], 1)


def densenet(depth: int, growth_rate: int, bottleneck: bool) -> nn.Module:
    """With a bottleneck also with a compression of one half: DenseNet-BC."""
    channels = 2 * growth_rate if bottleneck else 16
    parts: list[nn.Module] = [nn.Conv2d(3, channels, 3, padding=1, bias=False)]
    for block in range(3):
        for _ in range((depth - 4) // (6 if bottleneck else 3)):
            parts.append(Layer(channels, growth_rate, bottleneck))
            channels += growth_rate
        if block < 2:
            kept = channels // 2 if bottleneck else channels
            parts += [nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, kept, 1, bias=False), nn.AvgPool2d(2)]
            channels = kept
    end = [nn.BatchNorm2d(channels), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10)]
    return nn.Sequential(*parts, *end)

"""What people run today for the table of the 1001-layer ResNet: the net in torch, on the meta device, and torchinfo."""

import torch
from torch import Tensor, nn
from torch.nn.functional import relu
from torchinfo import summary

UNITS = 111


class Unit(nn.Module):
    """He et al. 2016, figure 4e, with a bottleneck; the projection starts behind the first norm and ReLU."""

    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.BatchNorm2d(c) for c in (channels, filters, filters))
        self.reduce = nn.Conv2d(channels, filters, 1, bias=False)
        self.conv = nn.Conv2d(filters, filters, 3, stride, 1, bias=False)
        self.expand = nn.Conv2d(filters, 4 * filters, 1, bias=False)
        same = channels == 4 * filters and stride == 1
        self.projection = None if same else nn.Conv2d(channels, 4 * filters, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        first = relu(self.norms[0](x))
        shortcut = x if self.projection is None else self.projection(first)
        body = self.conv(relu(self.norms[1](self.reduce(first))))
        grown: Tensor = self.expand(relu(self.norms[2](body)))
        return shortcut + grown


def resnet1001() -> nn.Sequential:
    layers: list[nn.Module] = [nn.Conv2d(3, 16, 3, 1, 1, bias=False)]
    channels = 16
    for filters, stride in ((16, 1), (32, 2), (64, 2)):
        for index in range(UNITS):
            layers.append(Unit(channels, filters, stride if index == 0 else 1))
            channels = 4 * filters
    head = [nn.BatchNorm2d(channels), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10)]
    return nn.Sequential(*layers, *head)


if __name__ == "__main__":
    with torch.device("meta"):
        net = resnet1001()
    print(summary(net, input_size=(1, 3, 32, 32), device="meta", verbose=0))

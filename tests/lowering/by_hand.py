"""Networks of the papers written with torch alone, as the oracle of what a `.net` file is lowered to."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as f


class Residual(nn.Module):
    """body(x) + shortcut(x); with `before`, both start behind it: x -> B R -> body and projection."""

    def __init__(self, body: nn.Module, shortcut: nn.Module | None = None, before: nn.Module | None = None) -> None:
        super().__init__()
        self.before = before or nn.Identity()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        start = self.before(x)
        return self.body(start) + (x if self.shortcut is None else self.shortcut(start))


class Branches(nn.Module):
    """The outputs of all branches behind each other."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.branches], dim=1)


class Function(nn.Module):
    """A function without weights."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Excitation(nn.Module):
    """Squeeze-and-excitation: each channel times a weight from the means of all."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.down, self.up = nn.Linear(channels, squeezed), nn.Linear(squeezed, channels)

    def forward(self, x: Tensor) -> Tensor:
        weights = torch.sigmoid(self.up(torch.relu(self.down(x.mean(dim=(2, 3))))))
        return x * weights[:, :, None, None]


class Gather(nn.Module):
    """Global average pooling to N x C."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(2).mean(dim=2)


def conv(in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1, bias: bool = True) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding=kernel_size // 2, bias=bias)


def baseline() -> nn.Module:
    """The thesis, table 4.1."""
    return nn.Sequential(
        *(conv(1, 32, 5), nn.ReLU(), nn.AvgPool2d(2)),
        *(conv(32, 64, 5), nn.ReLU(), nn.AvgPool2d(2)),
        *(nn.Flatten(), nn.Linear(64 * 7 * 7, 200), nn.ReLU(), nn.Dropout(0.5), nn.Linear(200, 10)),
    )


def vgg_column() -> nn.Module:
    """The form of VGG's column B, narrow, on 16x16 pixels."""
    layers: list[nn.Module] = []
    channels = 3
    for filters in (8, 16, 32):
        for _ in range(2):
            layers += [conv(channels, filters), nn.ReLU()]
            channels = filters
        layers.append(nn.MaxPool2d(2))
    layers += [nn.Flatten(), nn.Linear(32 * 2 * 2, 64), nn.ReLU(), nn.Dropout(0.5)]
    layers += [nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 10), nn.Softmax(dim=1)]
    return nn.Sequential(*layers)


def resnet(n: int = 3) -> nn.Module:
    """Pre-activation ResNet of 6n + 2 layers; a projection starts from the pre-activated input. The thesis, 4.5.3."""
    layers: list[nn.Module] = [conv(3, 16, bias=False)]
    channels = 16
    for filters, first_stride in ((16, 1), (32, 2), (64, 2)):
        for unit in range(n):
            stride = first_stride if unit == 0 else 1
            body = nn.Sequential(
                *(conv(channels, filters, stride=stride, bias=False), nn.BatchNorm2d(filters), nn.ReLU()),
                conv(filters, filters, bias=False),
            )
            projected = channels != filters
            shortcut = conv(channels, filters, 1, stride, bias=False) if projected else None
            layers.append(Residual(body, shortcut, nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU())))
            channels = filters
    return nn.Sequential(*layers, nn.BatchNorm2d(64), nn.ReLU(), Gather(), nn.Linear(64, 10))


def densenet(depth: int, growth_rate: int) -> nn.Module:
    """DenseNet without bottleneck: Huang et al. 2016, section 3, with a stem of 16 filters."""
    layers: list[nn.Module] = [conv(3, 16, bias=False)]
    channels = 16
    for block in range(3):
        for _ in range((depth - 4) // 3):
            new = (nn.BatchNorm2d(channels), nn.ReLU(), conv(channels, growth_rate, bias=False))
            layers.append(Branches(nn.Identity(), nn.Sequential(*new)))
            channels += growth_rate
        if block < 2:
            layers += [nn.BatchNorm2d(channels), nn.ReLU(), conv(channels, channels, 1, bias=False), nn.AvgPool2d(2)]
    return nn.Sequential(*layers, nn.BatchNorm2d(channels), nn.ReLU(), Gather(), nn.Linear(channels, 10))


def densenet_bc(depth: int, growth_rate: int, drop: float) -> nn.Module:
    """With bottlenecks of 4k, compression by half and dropout behind each convolution."""
    channels = 2 * growth_rate
    layers: list[nn.Module] = [conv(3, channels, bias=False)]
    for block in range(3):
        for _ in range((depth - 4) // 6):
            narrow = (nn.BatchNorm2d(channels), nn.ReLU(), conv(channels, 4 * growth_rate, 1, bias=False))
            wide = (nn.BatchNorm2d(4 * growth_rate), nn.ReLU(), conv(4 * growth_rate, growth_rate, bias=False))
            new = nn.Sequential(*narrow, nn.Dropout(drop), *wide, nn.Dropout(drop))
            layers.append(Branches(nn.Identity(), new))
            channels += growth_rate
        if block < 2:
            layers += [nn.BatchNorm2d(channels), nn.ReLU(), conv(channels, channels // 2, 1, bias=False)]
            layers += [nn.Dropout(drop), nn.AvgPool2d(2)]
            channels //= 2
    return nn.Sequential(*layers, nn.BatchNorm2d(channels), nn.ReLU(), Gather(), nn.Linear(channels, 10))


def inception(in_channels: int, n1: int, n3r: int, n3: int, n5r: int, n5: int, pool: int) -> nn.Module:
    """One row of table 1 of Szegedy et al. 2014."""
    return Branches(
        nn.Sequential(conv(in_channels, n1, 1), nn.ReLU()),
        nn.Sequential(conv(in_channels, n3r, 1), nn.ReLU(), conv(n3r, n3, 3), nn.ReLU()),
        nn.Sequential(conv(in_channels, n5r, 1), nn.ReLU(), conv(n5r, n5, 5), nn.ReLU()),
        nn.Sequential(nn.MaxPool2d(3, 1, padding=1), conv(in_channels, pool, 1), nn.ReLU()),
    )


def googlenet() -> nn.Module:
    """GoogLeNet without its auxiliary classifiers."""

    def norm() -> nn.Module:
        return nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2)

    def pool() -> nn.Module:
        return nn.MaxPool2d(3, 2, ceil_mode=True)

    return nn.Sequential(
        *(conv(3, 64, 7, 2), nn.ReLU(), pool(), norm()),
        *(conv(64, 64, 1), nn.ReLU(), conv(64, 192), nn.ReLU(), norm(), pool()),
        *(inception(192, 64, 96, 128, 16, 32, 32), inception(256, 128, 128, 192, 32, 96, 64), pool()),
        inception(480, 192, 96, 208, 16, 48, 64),
        inception(512, 160, 112, 224, 24, 64, 64),
        inception(512, 128, 128, 256, 24, 64, 64),
        inception(512, 112, 144, 288, 32, 64, 64),
        inception(528, 256, 160, 320, 32, 128, 128),
        pool(),
        *(inception(832, 256, 160, 320, 32, 128, 128), inception(832, 384, 192, 384, 48, 128, 128)),
        *(Gather(), nn.Dropout(0.4), nn.Linear(1024, 1000)),
    )


def fire(in_channels: int, squeezed: int, expanded: int) -> nn.Module:
    """SqueezeNet's module: a 1x1 convolution to few channels, then 1x1 and 3x3 side by side."""
    wide = (nn.Sequential(conv(squeezed, expanded, k), nn.ReLU()) for k in (1, 3))
    return nn.Sequential(conv(in_channels, squeezed, 1), nn.ReLU(), Branches(*wide))


def squeezenet() -> nn.Module:
    """Version 1.1."""

    def pool() -> nn.Module:
        return nn.MaxPool2d(3, 2, ceil_mode=True)

    return nn.Sequential(
        *(nn.Conv2d(3, 64, 3, 2), nn.ReLU(), pool()),
        *(fire(64, 16, 64), fire(128, 16, 64), pool()),
        *(fire(128, 32, 128), fire(256, 32, 128), pool()),
        *(fire(256, 48, 192), fire(384, 48, 192), fire(384, 64, 256), fire(512, 64, 256)),
        *(nn.Dropout(0.5), conv(512, 1000, 1), nn.ReLU(), Gather()),
    )


def decoder() -> nn.Module:
    """Down by strides, up by a transposed convolution and by nearest neighbours, a picture out."""
    return nn.Sequential(
        *(conv(3, 8, 3, 2, bias=False), nn.InstanceNorm2d(8, affine=True), nn.ReLU(), conv(8, 16, 3, 2), nn.ReLU()),
        *(nn.ConvTranspose2d(16, 8, 4, 2, padding=1), nn.ReLU(), nn.Upsample(scale_factor=2), conv(8, 3, 5)),
        Function(lambda x: 150 * torch.tanh(x)),
    )


class PaddedResidual(nn.Module):
    """Option A of He et al. 2015: every other pixel, and zeros for the new channels."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *(conv(4, 8, 3, 2, bias=False), nn.BatchNorm2d(8), nn.ReLU()),
            *(conv(8, 8, bias=False), nn.BatchNorm2d(8)),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + f.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, 4)))


class DroppedPath(nn.Module):
    """Stochastic depth: the scaled body counts for some images of a batch only."""

    def __init__(self, p: float, scale: float) -> None:
        super().__init__()
        self.p, self.scale = p, scale
        self.body = nn.Sequential(conv(4, 4), nn.ReLU(), conv(4, 4))

    def forward(self, x: Tensor) -> Tensor:
        y = self.scale * self.body(x)
        if self.training:
            kept = torch.empty(len(x), 1, 1, 1, dtype=x.dtype).bernoulli_(1 - self.p)
            y = y * kept / (1 - self.p)
        return x + y

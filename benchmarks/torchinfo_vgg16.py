"""What people run today for the table of VGG-16: the net in torch, on the meta device, and torchinfo's summary."""

import torch
from torch import nn
from torchinfo import summary

STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))


def vgg16() -> nn.Sequential:
    layers: list[nn.Module] = []
    channels = 3
    for filters, count in STAGES:
        for _ in range(count):
            layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU()]
            channels = filters
        layers.append(nn.MaxPool2d(2))
    layers.append(nn.Flatten())
    for inputs in (512 * 7 * 7, 4096):
        layers += [nn.Linear(inputs, 4096), nn.ReLU(), nn.Dropout(0.5)]
    return nn.Sequential(*layers, nn.Linear(4096, 1000))


if __name__ == "__main__":
    with torch.device("meta"):
        net = vgg16()
    print(summary(net, input_size=(1, 3, 224, 224), device="meta", verbose=0))

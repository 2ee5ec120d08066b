"""The models of the benchmark, the same for PyTorch and for trunkline: layers here, config keys there."""
import torch
from torch import nn

CLASSES = 10


class Model:
    """A trunk, linear heads, random inputs; `trunk_keys` says the same to trunkline."""

    def __init__(self, trunk, width, shape, trunk_keys):
        self.trunk, self.width, self.shape, self.trunk_keys = trunk, width, shape, trunk_keys

    def make(self, tasks):
        return self.trunk(), nn.ModuleList(nn.Linear(self.width, CLASSES) for _ in range(tasks))

    def batch(self, rows, generator):
        return (torch.randn(rows, *self.shape, generator=generator),
                torch.randint(CLASSES, (rows,), generator=generator))


def mlp(inputs, widths):
    layers = []
    for width in widths:
        layers += [nn.Linear(inputs, width), nn.ReLU()]
        inputs = width
    return nn.Sequential(*layers)


def lenet():
    return nn.Sequential(nn.Conv2d(1, 10, 5), nn.MaxPool2d(2), nn.ReLU(), nn.Conv2d(10, 20, 5), nn.MaxPool2d(2),
                         nn.ReLU(), nn.Flatten(), nn.Linear(320, 50), nn.ReLU())


def normed(inputs, outputs, kernel, stride=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.GroupNorm(32, outputs))


class Block(nn.Module):
    """The basic block of He et al. 2016, figure 5."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(normed(inputs, outputs, 3, stride), nn.ReLU(), normed(outputs, outputs, 3))
        self.shortcut = normed(inputs, outputs, 1, stride) if stride != 1 or inputs != outputs else nn.Identity()

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet18():
    layers, inputs = [normed(3, 64, 3), nn.ReLU()], 64
    for stage, width in enumerate((64, 128, 256, 512)):
        layers += [Block(inputs, width, 2 if stage else 1), Block(width, width, 1)]
        inputs = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def widths_model(width, layers=4):
    widths = [width] * layers
    return Model(lambda: mlp(width, widths), width, (width,), f"{{kind: mlp, widths: {widths}}}")


MODELS = {
    "mlp_1m": widths_model(512),      # 4 x 512^2 = 1.05 M
    "mlp_34m": widths_model(2896),    # 4 x 2896^2 = 33.5 M
    "lenet": Model(lenet, 50, (1, 28, 28), "{kind: lenet}"),
    "resnet18": Model(resnet18, 512, (3, 32, 32), "{kind: resnet18}"),
}

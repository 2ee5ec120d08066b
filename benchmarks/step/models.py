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


def widths_model(width, layers=4):
    widths = [width] * layers
    return Model(lambda: mlp(width, widths), width, (width,), f"{{kind: mlp, widths: {widths}}}")


MODELS = {
    "mlp_1m": widths_model(512),      # 4 x 512^2 = 1.05 M
    "mlp_34m": widths_model(2896),    # 4 x 2896^2 = 33.5 M
    "lenet": Model(lenet, 50, (1, 28, 28), "{kind: lenet}"),
}

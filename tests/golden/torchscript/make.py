"""Writes the modules beside this file: encoders of pictures (3, 16, 16) and (2, 6, 6), and modules that cannot be
trunks."""
import pathlib
import sys

import torch
from torch import nn

HERE = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)


class Encoder(nn.Module):
    def __init__(self, channels=3):
        super().__init__()
        self.conv = nn.Conv2d(channels, 4, 3, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.block = nn.Sequential(nn.Conv2d(4, 6, 3, stride=2), nn.ReLU(), nn.Dropout(0.5))
        self.out = nn.Linear(6, 5)

    def forward(self, x):
        maps = self.block(torch.relu(self.norm(self.conv(x))))
        if maps.size(0) > 100000:   # control flow, which scripting keeps
            maps = maps * 0
        return torch.tanh(self.out(maps.mean((2, 3))))


class Maps(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.conv, self.norm = encoder.conv, encoder.norm

    def forward(self, x):
        return torch.relu(self.norm(self.conv(x)))


class Flat(nn.Module):
    """Forgets the rows."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return (x * self.scale).flatten()


class Pair(Flat):
    def forward(self, x):
        y = x.flatten(1) * self.scale
        return y, y


class Across(Flat):
    """Reads the other rows."""

    def forward(self, x):
        y = x.flatten(1) * self.scale
        return y - y.mean(0)


class Noisy(Flat):
    def forward(self, x):
        y = x.flatten(1) * self.scale
        if y.size(0) > 100000:   # seldom is random enough
            y = y + torch.randn_like(y)
        return y


class Dropping(Flat):
    def forward(self, x):
        return torch.nn.functional.dropout(x.flatten(1) * self.scale, 0.5, training=True)


class Counting(Flat):
    def __init__(self):
        super().__init__()
        self.register_buffer("count", torch.zeros(1))

    def forward(self, x):
        self.count += 1
        return x.flatten(1) * self.scale


def save(module, name):
    torch.jit.script(module).save(str(HERE / name))


torch.manual_seed(7)
encoder = Encoder()
encoder.norm.running_mean.normal_()
encoder.norm.running_var.uniform_(0.5, 2)
save(encoder.eval(), "encoder.pt")
save(Maps(encoder).eval(), "maps.pt")
save(Flat().eval(), "flat.pt")
save(Pair().eval(), "pair.pt")
save(Across().eval(), "across.pt")
save(Noisy().eval(), "noisy.pt")
save(Dropping().eval(), "dropping.pt")
save(Counting().eval(), "counting.pt")
save(Maps(Encoder()).train(), "learning.pt")
torch.jit.freeze(torch.jit.script(encoder)).save(str(HERE / "frozen.pt"))
traced = torch.jit.trace(Maps(encoder).train(), torch.randn(5, 3, 16, 16), check_trace=False)
traced.save(str(HERE / "mixing.pt"))
save(Encoder(2).eval(), "small.pt")
torch.save(encoder.state_dict(), HERE / "state.pt")

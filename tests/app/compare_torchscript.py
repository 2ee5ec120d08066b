"""One step of gradient descent on all training rows, here and in Python.

compare_torchscript.py DATA.h5 MODULE.pt BEFORE AFTER: runs whose last checkpoints are before and after the step.
"""
import pathlib
import sys

import h5py
import torch
from safetensors.torch import load_file


def checkpoint(run):
    return load_file(sorted(pathlib.Path(run).glob("checkpoints/step-*"))[-1] / "model.safetensors")


def training_rows(file):
    with h5py.File(file) as data:
        rows = data["split/train"][()] if "split" in data else slice(None)
        group = data if "split" in data else data["train"]
        x = torch.from_numpy(group["x"][()][rows]).float()
        return x * float(group["x"].attrs.get("scale", 1)), torch.from_numpy(group["shape"][()][rows]).long()


def main(data, file, before, after):
    module = torch.jit.load(file).eval()
    weights, expected = checkpoint(before), checkpoint(after)
    head = [weights[f"heads.shape.out.{name}"].requires_grad_() for name in ("weight", "bias")]
    x, labels = training_rows(data)
    loss = torch.nn.functional.cross_entropy(torch.nn.functional.linear(module(x), *head), labels)
    loss.backward()
    moved = {f"trunk.{name}": p - 0.1 * p.grad for name, p in module.named_parameters()}
    moved |= {f"heads.shape.out.{name}": p - 0.1 * p.grad for name, p in zip(("weight", "bias"), head)}
    assert moved.keys() == expected.keys(), moved.keys() ^ expected.keys()
    worst = max((moved[name] - expected[name]).abs().max().item() for name in moved)
    assert worst < 1e-6, worst
    print(f"one step moves {len(moved)} tensors alike, to {worst:.1e}")


main(*sys.argv[1:])

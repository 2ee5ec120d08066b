"""The step as people write it with PyTorch: three ways to train one trunk and many heads with DistributedDataParallel.

  all_heads   all heads on every rank, every rank a share of every task's rows
  own_head    each rank its own heads, one DDP over all, find_unused_parameters
  head_groups the trunk in a DDP over the world, each head in a DDP over the ranks of its task

`limit` is no way to train but what a step of PyTorch cannot go below: each rank its own heads, one pass of the trunk over
all rows of the rank, backward, and an all-reduce of as many numbers as the trunk has, which are nobody's gradients.
Run by run.py; times a step on rank 0 and prints a JSON list of milliseconds.
"""
import argparse
import json
import os
import tempfile
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn
from torch.nn.parallel import DistributedDataParallel as DDP

import models


class Joint(nn.Module):
    """Trunk and heads as one module, as DDP wants it."""

    def __init__(self, trunk, heads):
        super().__init__()
        self.trunk, self.heads = trunk, heads

    def forward(self, inputs):
        return {t: self.heads[t](self.trunk(x)) for t, x in inputs.items()}


class Split(nn.Module):
    """Trunk and heads wrapped each for themselves."""

    def __init__(self, trunk, heads):
        super().__init__()
        self.trunk, self.heads = trunk, heads

    def forward(self, inputs):
        return {t: self.heads[t](self.trunk(x)) for t, x in inputs.items()}


class Bare(nn.Module):
    """The trunk once over the rows of all tasks."""

    def __init__(self, trunk, heads):
        super().__init__()
        self.trunk, self.heads = trunk, heads

    def forward(self, inputs):
        rows = [len(x) for x in inputs.values()]
        features = self.trunk(torch.cat(list(inputs.values()))).split(rows)
        return {t: self.heads[t](f) for t, f in zip(inputs, features)}


def holders(task, tasks, ranks):
    """Ranks that own a task where tasks are dealt to ranks."""
    return [r for r in range(ranks) if r % tasks == task] if ranks >= tasks else [task % ranks]


def share(rank, ranks_of_task, rows):
    """Rows of a batch that one rank computes."""
    i, n = ranks_of_task.index(rank), len(ranks_of_task)
    return slice(rows * i // n, rows * (i + 1) // n)


def build(way, model, tasks, rank, ranks):
    """The module, and per task the ranks that compute it."""
    trunk, heads = model.make(tasks)
    everyone = {t: list(range(ranks)) for t in range(tasks)}
    if way == "single":
        return Joint(trunk, heads), everyone
    if way == "all_heads":
        return DDP(Joint(trunk, heads), gradient_as_bucket_view=True), everyone
    owned = {t: holders(t, tasks, ranks) for t in range(tasks)}
    if way == "limit":
        return Bare(trunk, heads), owned
    if way == "own_head":
        return DDP(Joint(trunk, heads), gradient_as_bucket_view=True, find_unused_parameters=True), owned
    groups = {t: dist.new_group(owned[t]) for t in range(tasks)}
    trunk = DDP(trunk, gradient_as_bucket_view=True)
    wrapped = nn.ModuleList(
        DDP(heads[t], process_group=groups[t], gradient_as_bucket_view=True)
        if rank in owned[t] and len(owned[t]) > 1 else heads[t] for t in range(tasks))
    return Split(trunk, wrapped), owned


def local_batch(model, rank, owners, tasks, batch, seed):
    generator = torch.Generator().manual_seed(seed)
    inputs, targets = {}, {}
    for t in range(tasks):
        x, y = model.batch(batch, generator)
        if rank in owners[t]:
            rows = share(rank, owners[t], batch)
            inputs[t], targets[t] = x[rows].contiguous(), y[rows].contiguous()
    return inputs, targets


def loss_of(outputs, targets):
    return sum(nn.functional.cross_entropy(outputs[t], targets[t]) for t in outputs)


def worker(rank, arguments, store, result):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=arguments.ranks)
    torch.manual_seed(0)
    model = models.MODELS[arguments.model]
    module, owners = build(arguments.way, model, arguments.tasks, rank, arguments.ranks)
    optimizer = torch.optim.SGD(module.parameters(), lr=1e-4, fused=True)
    batches = [local_batch(model, rank, owners, arguments.tasks, arguments.batch, seed) for seed in range(4)]
    bare = torch.zeros(sum(p.numel() for p in module.trunk.parameters())) if arguments.way == "limit" else None
    times = []
    for step in range(arguments.steps):
        inputs, targets = batches[step % len(batches)]
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss_of(module(inputs), targets).backward()
        if bare is not None:
            dist.all_reduce(bare)
        else:
            optimizer.step()
        times.append(1e3 * (time.perf_counter() - start))
    dist.barrier()
    if rank == 0:
        with open(result, "w") as file:
            json.dump({"ms": times}, file)
    dist.barrier()
    os._exit(0)  # threads of gloo may abort a process that ends in the usual way


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--way", choices=["all_heads", "own_head", "head_groups", "limit"], required=True)
    parser.add_argument("--model", choices=models.MODELS, required=True)
    parser.add_argument("--tasks", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True, help="rows per task and step, over all ranks")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--rank", type=int, help="be this rank only; for ranks on several hosts")
    parser.add_argument("--folder", help="with --rank: an empty folder that all ranks see; rank 0 leaves result.json")
    arguments = parser.parse_args()
    if arguments.rank is not None:
        worker(arguments.rank, arguments, arguments.folder + "/store", arguments.folder + "/result.json")
    with tempfile.TemporaryDirectory() as folder:
        store, result = os.path.join(folder, "store"), os.path.join(folder, "result.json")
        mp.spawn(worker, (arguments, store, result), nprocs=arguments.ranks)
        with open(result) as file:
            print(file.read())


if __name__ == "__main__":
    main()

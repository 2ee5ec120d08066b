"""Is the gradient of one step that of one process? For the three ways of PyTorch and for trunkline; writes gradients.json.

  python gradients.py --trunkline ../../build/release/trunkline [--ranks 3] [--tasks 2]

Every way computes one step from the same parameters and rows on one process and on several ranks, in float64. For the
trunk and each head: the cosine of the two gradients and the ratio of their lengths; 1 and 1 is right. Needs torch, h5py
and safetensors.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from safetensors.torch import load_file

import models
import peers
import run

HERE = pathlib.Path(__file__).parent
ROWS = 30  # per task; a multiple of the ranks, so that even shares are no part of the question
models.MODELS["small"] = models.widths_model(32)


def gradients(module):
    """Flat gradients by part: the trunk, and the heads that this process has."""
    inner = module.module if hasattr(module, "module") else module
    trunk = inner.trunk.module if hasattr(inner.trunk, "module") else inner.trunk
    parts = {"trunk": trunk} | {f"head {t}": head for t, head in enumerate(inner.heads)}
    return {name: torch.cat([p.grad.flatten() for p in part.parameters()]) for name, part in parts.items()
            if all(p.grad is not None for p in part.parameters())}


def worker(rank, way, tasks, ranks, folder):
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=ranks)
    torch.manual_seed(0)
    model = models.MODELS["small"]
    module, owners = peers.build(way, model, tasks, rank, ranks)
    inputs, targets = peers.local_batch(model, rank, owners, tasks, ROWS, seed=1)
    peers.loss_of(module(inputs), targets).backward()
    computed = gradients(module)
    kept = {name: g for name, g in computed.items() if name == "trunk" or rank == owners[int(name.split()[1])][0]}
    torch.save(kept, f"{folder}/{rank}.pt")
    dist.barrier()
    os._exit(0)  # threads of gloo may abort a process that ends in the usual way


def of_torch(way, tasks, ranks):
    with tempfile.TemporaryDirectory() as folder:
        mp.spawn(worker, (way, tasks, ranks, folder), nprocs=ranks)
        merged = {}
        for rank in reversed(range(ranks)):  # the trunk of rank 0 counts
            merged |= torch.load(f"{folder}/{rank}.pt")
        return merged


def of_trunkline(program, tasks, ranks, layout, folder):
    """After one step with momentum its buffer is the gradient."""
    name = f"{layout}-{ranks}"
    command = ["mpirun", "--oversubscribe", "-n", str(ranks), str(program), "train", "step.yaml", f"run.dir={name}",
               "train.precision=float64", "train.steps=1", "train.optimizer.momentum=0.9", f"layout.kind={layout}"]
    done = subprocess.run(command, cwd=folder, env=run.ENVIRONMENT, text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    checkpoint, = (folder / name / "checkpoints").glob("step-*")
    buffers = {k: v for k, v in load_file(checkpoint / "optimizer.safetensors").items() if v.numel() > 1}
    parts = {"trunk": ".trunk."} | {f"head {t}": f".heads.t{t}." for t in range(tasks)}
    return {part: torch.cat([buffers[k].flatten() for k in sorted(buffers) if key in f".{k}"])
            for part, key in parts.items()}


def compare(one, many):
    return {part: {"cosine": torch.nn.functional.cosine_similarity(one[part], many[part], dim=0).item(),
                   "length": (many[part].norm() / one[part].norm()).item(),
                   "largest_difference": (many[part] - one[part]).abs().max().item()} for part in one}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--trunkline", type=pathlib.Path, required=True)
    parser.add_argument("--ranks", type=int, default=3)
    parser.add_argument("--tasks", type=int, default=2)
    parser.add_argument("--output", type=pathlib.Path, default=HERE / "gradients.json")
    arguments = parser.parse_args()
    tasks, ranks = arguments.tasks, arguments.ranks
    one = of_torch("single", tasks, 1)
    result = {way: compare(one, of_torch(way, tasks, ranks)) for way in run.WAYS}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run.write_data(folder / "data.h5", models.MODELS["small"], tasks)
        run.write_config(folder / "step.yaml", models.MODELS["small"], tasks, ROWS)
        program = arguments.trunkline.resolve()
        alone = of_trunkline(program, tasks, 1, "data", folder)
        for layout in ("data", "task"):
            result[f"trunkline_{layout}"] = compare(alone, of_trunkline(program, tasks, ranks, layout, folder))
    arguments.output.write_text(json.dumps({"tasks": tasks, "ranks": ranks, "ways": result}, indent=1) + "\n")
    for way, parts in result.items():
        print(f"{way:15}", "   ".join(f"{part}: cosine {c['cosine']:.4f}, length {c['length']:.3f}"
                                      for part, c in parts.items()))


if __name__ == "__main__":
    main()

"""Step time against PyTorch DDP, interleaved in one run, as ratios with their spread; writes results.json.

  python run.py --step ../../build/release/step [--rounds 5] [--only mlp_1m lenet] [--ranks 2] [--limit]

With --limit it is ours beside what a step of PyTorch cannot go below (peers.py), kept with the case of a run without it.
Every round runs every program once, one after the other; the ratio of a round compares neighbours in time. The first
fifth of the steps of a run is warm-up and left out. Needs torch (the version that trunkline is built with) and h5py.
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

import h5py
import numpy
import torch

import models

HERE = pathlib.Path(__file__).parent
WAYS = ["all_heads", "own_head", "head_groups"]
LAYOUTS = ["trunkline_data", "trunkline_task"]
CASES = [  # model, tasks, rows per task and step, steps per run
    ("mlp_1m", 2, 64, 300), ("mlp_1m", 4, 32, 300), ("mlp_1m", 8, 16, 300),
    ("lenet", 2, 128, 100), ("mlp_34m", 2, 64, 25),
    ("resnet18", 2, 16, 10),
]
KEEP_FREED = ["env", "MALLOC_TRIM_THRESHOLD_=4000000000", "MALLOC_MMAP_THRESHOLD_=4000000000"]  # as trunkline does
ONE_HOST = "memory of one host"
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "OMPI_ALLOW_RUN_AS_ROOT": "1",
                            "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def write_data(path, model, tasks):
    """One group of random rows per task, so that tasks do not share inputs."""
    generator = numpy.random.default_rng(0)
    with h5py.File(path, "w") as file:
        for t in range(tasks):
            rows = 4096
            x = generator.standard_normal((rows, *model.shape), dtype="f4")
            group = file.create_group(f"t{t}")
            height = max(1, min(rows, 2**20 // x[0].nbytes))
            group.create_dataset("x", data=x, chunks=(height, *model.shape))
            group["y"] = generator.integers(models.CLASSES, size=rows).astype("u1")


def write_config(path, model, tasks, batch):
    sources = "".join(f"  s{t}: {{file: data.h5#/t{t}, batch: {batch}}}\n" for t in range(tasks))
    heads = "".join(f"  t{t}: {{source: s{t}, kind: classification, classes: {models.CLASSES}}}\n" for t in range(tasks))
    path.write_text(f"run: {{name: step}}\nsources:\n{sources}trunk: {model.trunk_keys}\ntasks:\n{heads}"
                    "train: {steps: 100000, optimizer: {kind: sgd, lr: 1e-4}}\n")


def output_of(command):
    done = subprocess.run([str(word) for word in command], env=ENVIRONMENT, cwd=HERE, text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(str(word) for word in command)}\n{done.stderr}")
    times = json.loads(done.stdout.splitlines()[-1])["ms"]
    return times[len(times) // 5:]


def bytes_sent(arguments):
    if arguments.network == ONE_HOST:
        return 0
    return int(subprocess.run([HERE / "hosts.sh", "sent"], check=True, text=True, capture_output=True).stdout)


def programs(arguments, name, tasks, batch, steps, config):
    """Commands by name: the ways of PyTorch, and trunkline in its layouts."""
    between = arguments.network != ONE_HOST
    peers = [HERE / "hosts.sh", "peers"] if between else []
    launcher = [HERE / "hosts.sh", "mpirun"] if between else ["mpirun", "--oversubscribe", "-n", arguments.ranks]
    ways = ["limit"] if arguments.limit else WAYS
    commands = {way: [*peers, *(KEEP_FREED if arguments.limit else []), sys.executable, HERE / "peers.py", "--way", way, "--model", name, "--tasks", tasks,
                      "--batch", batch, "--ranks", arguments.ranks, "--steps", steps] for way in ways}
    for program in LAYOUTS:
        commands[program] = [*launcher, arguments.step, config, steps, f"layout.kind={program.split('_')[1]}"]
    return commands


def ratio(rounds, peer, own):
    """Peer's minimum over ours, per round: above 1 we are faster."""
    ratios = [min(a[peer]) / min(a[own]) for a in rounds]
    return {"median": statistics.median(ratios), "low": min(ratios), "high": max(ratios)}


def measure(arguments, name, tasks, batch, steps):
    model = models.MODELS[name]
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "step.yaml"
        write_data(pathlib.Path(folder) / "data.h5", model, tasks)
        write_config(config, model, tasks, batch)
        commands = programs(arguments, name, tasks, batch, steps, config)
        rounds, sent = [], {}
        for i in range(arguments.rounds):
            rounds.append({})
            for program, command in commands.items():
                before = bytes_sent(arguments)
                rounds[-1][program] = output_of(command)
                sent[program] = (bytes_sent(arguments) - before) / steps
            print(name, tasks, f"round {i + 1}:", {p: round(min(t), 2) for p, t in rounds[-1].items()}, file=sys.stderr)
    milliseconds = {p: {"median": statistics.median(sum((r[p] for r in rounds), [])), "minimum": min(min(r[p]) for r in rounds)}
                    for p in commands}
    own = min(LAYOUTS, key=lambda p: milliseconds[p]["minimum"])
    if arguments.limit:
        return {"rounds": arguments.rounds, "milliseconds": {p: milliseconds[p] for p in ("limit", own)},
                "of_limit": ratio(rounds, "limit", own)}
    peer = min(WAYS, key=lambda p: milliseconds[p]["minimum"])
    network = {}
    if arguments.network != ONE_HOST:  # with two ranks the least that a sum of d numbers needs is d each way
        parameters = sum(p.numel() for p in model.trunk().parameters())
        network = {"megabytes_sent_per_step": {p: b / 1e6 for p, b in sent.items()}, "least_megabytes": 4e-6 * parameters}
    return network | {"model": name, "tasks": tasks, "rows_per_task": batch, "ranks": arguments.ranks,
            "network": arguments.network, "rounds": arguments.rounds, "milliseconds": milliseconds,
            "fastest_peer": peer, "fastest_own": own, "times_faster": ratio(rounds, peer, own)}


def store(arguments, case, measured):
    """Replaces the case in the results, or its limit; the others stay."""
    path = arguments.output
    results = json.loads(path.read_text()) if path.exists() else {"cases": []}
    results["machine"] = {"processor": platform.machine(), "cores": os.cpu_count()}
    results["torch"] = torch.__version__
    identity = {"model": case[0], "tasks": case[1], "ranks": arguments.ranks, "network": arguments.network}
    same = [c for c in results["cases"] if identity.items() <= c.items()]
    limits = [{"limit": c["limit"]} for c in same if "limit" in c]
    if arguments.limit and not same:
        sys.exit(f"{path}: no {case[0]} with {case[1]} tasks; run once without --limit")
    if arguments.limit:
        same[0]["limit"] = measured
    else:
        results["cases"] = [c for c in results["cases"] if c not in same] + [measured | (limits[0] if limits else {})]
    path.write_text(json.dumps(results, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--step", type=pathlib.Path, required=True, help="the program built from step.cpp")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--only", nargs="+", help="models")
    parser.add_argument("--tasks", type=int, help="one number of tasks")
    parser.add_argument("--limit", action="store_true", help="beside the limit instead of the ways of PyTorch")
    parser.add_argument("--network", default=ONE_HOST,
                        help="rate of a link, e.g. 1gbit: two ranks on the hosts that `hosts.sh up RATE` has made")
    parser.add_argument("--output", type=pathlib.Path, default=HERE / "results.json")
    arguments = parser.parse_args()
    arguments.step = arguments.step.resolve()
    cases = [case for case in CASES if (arguments.only is None or case[0] in arguments.only) and arguments.tasks in (None, case[1])]
    for case in cases:
        store(arguments, case, measure(arguments, *case))
    for case in json.loads(arguments.output.read_text())["cases"]:
        print(f"{case['model']:8} T={case['tasks']} on {case['ranks']}  {case['times_faster']['median']:.2f} times the fastest of PyTorch "
              f"({case['fastest_peer']}), {case['times_faster']['low']:.2f} to {case['times_faster']['high']:.2f}"
              + (f"; limit / ours {case['limit']['of_limit']['median']:.2f}" if "limit" in case else ""))


if __name__ == "__main__":
    main()

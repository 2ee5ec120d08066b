"""Core-seconds per row on 1, 2, 4 and 8 ranks of one host, interleaved; writes results.json.

  python run.py --step ../../build/release/benchmarks/step [--rounds 3] [--only lenet]

Weak scaling keeps the rows of a rank and step, strong scaling those of all ranks. Cores are counted as busy while a step
lasts: min(ranks, cores) times its seconds. With more ranks than cores that is what a cluster with that many cores would
take at best, sums through the memory of one host instead of a network. Inflation is relative to one rank, once with the
host to itself and once beside as many other programs of one rank as there are further cores: those share caches and memory
as ranks do, and exchange nothing. Needs h5py.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "step"))
import models  # noqa: E402
import run as step  # noqa: E402

HERE = pathlib.Path(__file__).parent
RANKS = (1, 2, 4, 8)
CASES = {"lenet": 128, "mlp_1m": 256}  # rows of a rank in weak scaling; four times as many in all in strong scaling
STEPS = 40


def seconds_per_row(program, config, ranks, rows):
    command = ["mpirun", "--oversubscribe", "--bind-to", "none", "-n", ranks, program, config, STEPS,
               f"sources.s0.batch={rows}", "layout.kind=data"]
    return statistics.median(step.output_of(command)) / 1e3 * min(ranks, os.cpu_count()) / rows


def beside_others(program, config, rows):
    """One rank per core, each a program of its own, all at once."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return statistics.mean(pool.map(lambda _: seconds_per_row(program, config, 1, rows), range(os.cpu_count())))


def spread(values):
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}


def measure(arguments, name, kind):
    rows_of = (lambda ranks: CASES[name] * ranks) if kind == "weak" else (lambda ranks: CASES[name] * 4)
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "step.yaml"
        step.write_data(pathlib.Path(folder) / "data.h5", models.MODELS[name], 1)
        step.write_config(config, models.MODELS[name], 1, rows_of(1))
        rounds, beside = [], []
        for i in range(arguments.rounds):
            rounds.append([seconds_per_row(arguments.step, config, ranks, rows_of(ranks)) for ranks in RANKS])
            beside.append(beside_others(arguments.step, config, rows_of(1)))
            print(name, kind, f"round {i + 1}:", *(f"{1e6 * s:.1f} us" for s in [*rounds[-1], beside[-1]]), file=sys.stderr)
    inflation = [[s / of_round[0] for s in of_round] for of_round in rounds]
    beside_inflation = [[s / one for s in of_round] for of_round, one in zip(rounds, beside)]
    return {"model": name, "scaling": kind, "rows": [rows_of(ranks) for ranks in RANKS], "ranks": RANKS,
            "core_seconds_per_row": [statistics.median(column) for column in zip(*rounds)],
            "core_seconds_per_row_beside_others": statistics.median(beside),
            "inflation": [spread(column) for column in zip(*inflation)],
            "inflation_beside_others": [spread(column) for column in zip(*beside_inflation)]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--step", type=lambda path: pathlib.Path(path).resolve(), required=True,
                        help="the program built from ../step/step.cpp")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=CASES)
    arguments = parser.parse_args()
    cases = [measure(arguments, name, kind) for name in CASES if arguments.only in (None, name)
             for kind in ("weak", "strong")]
    results = {"cores": os.cpu_count(), "rounds": arguments.rounds, "cases": cases}
    (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    for case in cases:
        print(f"{case['model']:8} {case['scaling']:6}", "  ".join(
            f"{ranks}: {i['median']:.2f} ({b['median']:.2f} beside others)"
            for ranks, i, b in zip(RANKS, case["inflation"], case["inflation_beside_others"])))


if __name__ == "__main__":
    main()

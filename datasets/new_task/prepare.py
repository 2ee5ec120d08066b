"""The new task's file: 60, 300, 1,200 and 6,000 training digits of mnist.h5, drawn anew for each seed (fewer are a part of more),
with all test digits for each.

    python3 prepare.py MNIST_H5 OUT
"""
import sys

import h5py
import numpy

SEEDS = (1, 2, 3)
ROWS = {1: 60, 5: 300, 20: 1200, 100: 6000}  # by percent


def copy_rows(source, group, rows):
    for name in ("x", "y"):
        data = group.create_dataset(name, data=source[name][:][rows])
        for key, value in source[name].attrs.items():
            data.attrs[key] = value


def main():
    source, out = sys.argv[1:]
    with h5py.File(source) as mnist, h5py.File(out, "w") as file:
        mnist.copy("test", file)
        for seed in SEEDS:
            order = numpy.random.default_rng(seed).permutation(len(mnist["train/y"]))
            for percent, rows in ROWS.items():
                group = file.create_group(f"seed{seed}/percent{percent}")
                copy_rows(mnist["train"], group.create_group("train"), numpy.sort(order[:rows]))
                group["test"] = file["test"]


if __name__ == "__main__":
    main()

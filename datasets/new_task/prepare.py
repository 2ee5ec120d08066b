"""The new task's file: the first 60, 300, 1,200 and 6,000 training digits of mnist.h5, with all test digits for each.

    python3 prepare.py MNIST_H5 OUT
"""
import sys

import h5py


def main():
    source, out = sys.argv[1:]
    with h5py.File(source) as mnist, h5py.File(out, "w") as file:
        mnist.copy("test", file)
        for percent, rows in ((1, 60), (5, 300), (20, 1200), (100, 6000)):
            group = file.create_group(f"percent{percent}/train")
            for name in ("x", "y"):
                data = group.create_dataset(name, data=mnist["train"][name][:rows])
                for key, value in mnist["train"][name].attrs.items():
                    data.attrs[key] = value
            file[f"percent{percent}/test"] = file["test"]


if __name__ == "__main__":
    main()

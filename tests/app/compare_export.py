"""Modules in Python against `trunkline predict`.

compare_export.py DATA.h5 WHOLE.pt [MODULE.pt PREDICTIONS.h5]...: every output of MODULE is the data set of that name
in PREDICTIONS, to 1e-6, in batches of any size; WHOLE, unless empty, is of three tasks of the first module's run.
"""
import json
import sys

import h5py
import torch


def rows_of(data, chosen):
    """Rows by their number in the whole file, whose splits are groups or index arrays."""
    if "x" in data:
        return torch.from_numpy(data["x"][()])[chosen]
    numbers = torch.cat([torch.from_numpy(data[s]["x"][()]) for s in ("train", "valid", "test") if s in data])
    return numbers[chosen]


def difference(a, b):
    a, b = torch.as_tensor(a).double(), torch.as_tensor(b).double()
    assert a.shape == b.shape, (a.shape, b.shape)
    return ((a - b).abs() / (1 + b.abs())).max().item()


def compare(data, module_file, predictions_file):
    notes = {"trunkline.json": ""}
    module = torch.jit.load(module_file, _extra_files=notes)
    outputs = json.loads(notes["trunkline.json"])["outputs"]
    with h5py.File(predictions_file) as predictions:
        chosen = torch.from_numpy(predictions["row"][()].astype("int64"))
        x = rows_of(data, chosen)
        worst = 0.0
        for rows in (1, 7, len(x)):
            with torch.no_grad():
                found = module(x[:rows])
            assert list(found) == outputs, (list(found), outputs)
            for name, values in found.items():
                worst = max(worst, difference(values, predictions[name][:rows]))
    assert worst < 1e-6, (module_file, worst)
    return worst


def main(data_file, whole_file, *pairs):
    with h5py.File(data_file) as data:
        worst = max(compare(data, pairs[i], pairs[i + 1]) for i in range(0, len(pairs), 2))
        x = rows_of(data, torch.arange(5))
    whole = torch.jit.load(whole_file)(x) if whole_file else {}
    for task in ("shape", "position", "attributes") if whole else ():
        for name, values in torch.jit.load(pairs[0].replace("shape.pt", f"{task}.pt"))(x).items():
            assert torch.equal(values, whole[f"{task}.{name}"]), (task, name)
    print(f"{len(pairs) // 2} modules predict the same in Python, to {worst:.1e}")


main(*sys.argv[1:])

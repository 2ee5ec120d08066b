"""Tox21's molecules as fingerprints, for `trunkline train`: tox21.csv.gz to one HDF5 file.

    python3 prepare.py TOX21_CSV_GZ OUT

x is the Morgan fingerprint of radius 2, folded to 1,024 bits (ECFP4), the same as DeepChem's. Each of the 12 assays is a
target 0/1 with a mask; train, valid and test are the first 80 %, the next 10 % and the rest of the file (DeepChem's index
split). All 8,014 rows stay: where a molecule has a valence that RDKit refuses, that one check is left out.
Needs the packages of requirements.txt.
"""
import csv
import gzip
import os
import sys

import h5py
import numpy as np
from rdkit import Chem, RDLogger
from rdkit.Chem import rdFingerprintGenerator

BITS = 1024
KEYS = ("mol_id", "smiles")


def molecule(smiles):
    parsed = Chem.MolFromSmiles(smiles)
    if parsed is not None:
        return parsed, False
    parsed = Chem.MolFromSmiles(smiles, sanitize=False)
    Chem.SanitizeMol(parsed, Chem.SANITIZE_ALL ^ Chem.SANITIZE_PROPERTIES)
    return parsed, True


def fingerprints(smiles):
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=BITS)
    bits, unusual = np.zeros((len(smiles), BITS), "u1"), 0
    for row, text in enumerate(smiles):
        parsed, refused = molecule(text)
        unusual += refused
        bits[row] = generator.GetFingerprintAsNumPy(parsed)
    return bits, unusual


def write(path, bits, rows):
    with h5py.File(path, "w") as out:
        out.attrs["trunkline_schema"] = "1"
        x = out.create_dataset("x", data=bits, chunks=(1024, BITS), fletcher32=True)
        x.attrs["role"] = "input"
        for assay in (name for name in rows[0] if name not in KEYS):
            cells = [row[assay] for row in rows]
            target = out.create_dataset(assay, data=np.array([cell == "1" for cell in cells], "u1"))
            target.attrs.update(role="target", kind="multilabel")
            out.create_dataset(assay + "_valid", data=np.array([cell != "" for cell in cells], "u1"))
        first, second = int(.8 * len(rows)), int(.9 * len(rows))
        for name, begin, end in (("train", 0, first), ("valid", first, second), ("test", second, len(rows))):
            out["split/" + name] = np.arange(begin, end)


def main():
    source, path = sys.argv[1:]
    RDLogger.DisableLog("rdApp.*")
    with gzip.open(source, "rt") as file:
        rows = list(csv.DictReader(file))
    bits, unusual = fingerprints([row["smiles"] for row in rows])
    write(path + ".tmp", bits, rows)
    os.replace(path + ".tmp", path)
    print(f"{path}: {len(rows)} molecules, {unusual} of them with an unusual valence")


if __name__ == "__main__":
    main()

"""Omniglot's two small background sets for `trunkline train`: the zip files to one HDF5 file.

    python3 prepare.py FOLDER OUT

A class is a character turned by 0, 90, 180 or 270 degrees: 4 classes per character, 20 drawings each. The characters are
dealt to train, valid and test (170, 22 and 50 of the 242) in an order that depends on nothing but their names, so that no
split has a character of another in any rotation. x is u8 (n, 1, 28, 28), ink 255; y is the class, numbered over all splits.
Needs the packages of requirements.txt.
"""
import hashlib
import pathlib
import struct
import sys
import zipfile
import zlib

import h5py
import numpy as np

SIZE, DRAWINGS = 28, 20
VALID, TEST = 22, 50


def unfilter(rows):
    """Undoes the filters of PNG rows (each one byte of filter, then the pixels, less than a byte each)."""
    before = np.zeros(len(rows[0]) - 1, "u1")
    for row in rows:
        kind, out = row[0], np.array(row[1:], "u1")
        for i in range(len(out) if kind else 0):
            left, up = int(out[i - 1]) if i else 0, int(before[i])
            corner = int(before[i - 1]) if i else 0
            paeth = min((left, up, corner), key=lambda value: abs(left + up - corner - value))
            out[i] = (int(out[i]) + (0, left, up, (left + up) // 2, paeth)[kind]) % 256
        before = out
        yield out


def drawing(png):
    """A PNG of one bit per pixel as (height, width), ink 1."""
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    if (depth, colour) != (1, 0):
        raise SystemExit(f"a picture of {depth} bits and colour type {colour}; expected black and white")
    packed, at = b"", 8
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at:at + 8])
        packed += png[at + 8:at + 8 + length] if name == b"IDAT" else b""
        at += 12 + length
    rows = np.frombuffer(zlib.decompress(packed), "u1").reshape(height, -1)
    return 1 - np.stack([np.unpackbits(row)[:width] for row in unfilter(rows)])


def shrink(length):
    """(SIZE, length): each output pixel is the mean over its share of the input pixels."""
    edges = np.linspace(0, length, SIZE + 1)
    begin, end = edges[:-1, None], edges[1:, None]
    pixel = np.arange(length)[None]
    return np.clip(np.minimum(end, pixel + 1) - np.maximum(begin, pixel), 0, None) / (end - begin)


def characters(folder):
    """{alphabet/character: (20, SIZE, SIZE) u8}; the alphabets that both sets have are taken once."""
    pictures = {}
    for name in ("images_background_small1.zip", "images_background_small2.zip"):
        with zipfile.ZipFile(folder / name) as archive:
            for path in sorted(archive.namelist()):
                if path.endswith(".png"):
                    _, alphabet, character, file = path.split("/")
                    pictures.setdefault(f"{alphabet}/{character}", {})[file] = drawing(archive.read(path))
    small = {}
    for name, drawings in pictures.items():
        if len(drawings) != DRAWINGS:
            raise SystemExit(f"{name}: {len(drawings)} drawings; expected {DRAWINGS}")
        stack = np.stack([drawings[file] for file in sorted(drawings)]).astype(float)
        rows, columns = shrink(stack.shape[1]), shrink(stack.shape[2])
        small[name] = np.rint(255 * (rows @ stack @ columns.T)).astype("u1")
    return small


def main():
    folder, out = pathlib.Path(sys.argv[1]), sys.argv[2]
    drawn = characters(folder)
    names = sorted(drawn, key=lambda name: hashlib.sha256(name.encode()).digest())
    splits = {"test": names[:TEST], "valid": names[TEST:TEST + VALID], "train": names[TEST + VALID:]}
    with h5py.File(out, "w") as file:
        file.attrs["trunkline_schema"] = "1"
        first = 0
        for split in ("train", "valid", "test"):
            classes = [np.rot90(drawn[name], turn, axes=(1, 2)) for name in splits[split] for turn in range(4)]
            x = np.concatenate(classes)[:, None]
            data = file.create_dataset(f"{split}/x", data=x, chunks=(1024, 1, SIZE, SIZE), fletcher32=True)
            data.attrs.update(role="input", scale=1 / 255)
            labels = np.repeat(np.arange(first, first + len(classes), dtype="i4"), DRAWINGS)
            target = file.create_dataset(f"{split}/y", data=labels)
            target.attrs.update(role="target", kind="classification", num_classes=4 * len(names))
            first += len(classes)
            print(f"{split}: {len(splits[split])} characters, {len(classes)} classes, {len(x)} rows")


if __name__ == "__main__":
    main()

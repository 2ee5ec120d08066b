"""SNIPS's spoken requests as tokens, for `trunkline train`: the folder snips to one HDF5 file.

    python3 prepare.py SNIPS_FOLDER OUT

The folder has train, valid and test, each with seq.in (words of a request, one request a line), seq.out (their slots as
BIO tags) and label (the intent). x holds words by number: 0 is padding, 1 any word that the training rows do not have,
then the words of the training rows, most frequent first. Digits count as 0, so that all numbers with as many digits are
one word. Targets are intent (one per row) and slots (one per word, -1 at padding). OUT.words.txt gets the words in the
order of their numbers, for who wants to turn other requests into tokens.
Needs the packages of requirements.txt.
"""
import collections
import os
import pathlib
import re
import sys

import h5py
import numpy as np

SPLITS = ("train", "valid", "test")
PADDING, UNKNOWN = 0, 1
CHUNK = 512     # rows


def normalised(word):
    return re.sub(r"\d", "0", word.lower())


def read(folder):
    def lines(name):
        return (folder / name).read_text(encoding="utf-8").splitlines()

    words = [[normalised(word) for word in line.split()] for line in lines("seq.in")]
    tags = [line.split() for line in lines("seq.out")]
    intents = [line.strip() for line in lines("label")]
    assert [len(row) for row in words] == [len(row) for row in tags] and len(intents) == len(words), folder
    return words, tags, intents


def numbered(rows, numbers, length, padding):
    table = np.full((len(rows), length), padding, "i4")
    for row, names in enumerate(rows):
        table[row, :len(names)] = [numbers.get(name, UNKNOWN) for name in names]
    return table


def tag_names(rows):
    types = sorted({tag[2:] for row in rows for tag in row if tag != "O"})
    return ["O"] + [prefix + kind for kind in types for prefix in ("B-", "I-")]


def write(group, data, words, tags, intents, length):
    texts, slots, labels = data
    x = group.create_dataset("x", data=numbered(texts, words, length, PADDING), chunks=(CHUNK, length), fletcher32=True)
    x.attrs.update(role="input", vocabulary=len(words) + 2, ignore_value=PADDING)
    y = group.create_dataset("slots", data=numbered(slots, tags, length, -1), chunks=(CHUNK, length), fletcher32=True)
    y.attrs.update(role="target", kind="token_classification", ignore_value=-1)
    y.attrs["class_names"] = np.array(list(tags), "S")
    intent = group.create_dataset("intent", data=np.array([intents.index(label) for label in labels], "u1"))
    intent.attrs.update(role="target", kind="classification")
    intent.attrs["class_names"] = np.array(intents, "S")


def main():
    source, path = pathlib.Path(sys.argv[1]), sys.argv[2]
    data = {split: read(source / split) for split in SPLITS}
    counts = collections.Counter(word for row in data["train"][0] for word in row)
    ordered = [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    words = {word: number + 2 for number, word in enumerate(ordered)}
    tags = {name: number for number, name in enumerate(tag_names(row for split in SPLITS for row in data[split][1]))}
    intents = sorted(set(data["train"][2]))
    length = max(len(row) for split in SPLITS for row in data[split][0])
    with h5py.File(path + ".tmp", "w") as out:
        out.attrs["trunkline_schema"] = "1"
        for split in SPLITS:
            write(out.create_group(split), data[split], words, tags, intents, length)
    os.replace(path + ".tmp", path)
    pathlib.Path(path + ".words.txt").write_text("\n".join(["<padding>", "<unknown>", *ordered]) + "\n", encoding="utf-8")
    rare = 2 + sum(count > 2 for count in counts.values())
    known = [word in words for row in data["test"][0] for word in row]
    print(f"{path}: {', '.join(f'{len(data[s][0])} {s}' for s in SPLITS)} requests of up to {length} words, "
          f"{len(words) + 2} tokens, from {rare} on seen once or twice, {len(tags)} tags; {known.count(False)} of {len(known)} test words unknown")


if __name__ == "__main__":
    main()

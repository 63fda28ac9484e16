#!/usr/bin/env python3
"""Images per second of processor time: SimCLR's two views of each, by PIL and torchvision.

Every implementation of SimCLR in PyTorch makes views like this: PIL decodes, torchvision's
transforms work on PIL images. The counterpart of AugmentationSpeed.java, with the same arguments
and output; both take the first 500 images of the tar, one after the other on one thread, as often
as the time allows. Processor time, of the whole process, is what a busy neighbor changes least.

    benchmarks/augmentation.py TAR SIZE SECONDS

Needs torch and torchvision (Debian: python3-torch python3-torchvision).
"""

import io
import sys
import tarfile
import time

import numpy as np
import torch
import torchvision.transforms as T
from PIL import Image

MOST = 500


def files(tar):
    with tarfile.open(tar) as entries:
        found = [entries.extractfile(entry).read() for entry in entries if entry.isfile()]
    return found[:MOST]


def decode(file):
    return Image.open(io.BytesIO(file)).convert("RGB")


def view(size):
    """The recipe of the paper (appendix A, and B.9 for small images), as uint8 [size, size, 3]."""
    small = size <= 64
    s = 0.5 if small else 1.0
    steps = [
        T.RandomResizedCrop(size, scale=(0.08, 1.0)),
        T.RandomHorizontalFlip(),
        T.RandomApply([T.ColorJitter(0.8 * s, 0.8 * s, 0.8 * s, 0.2 * s)], p=0.8),
        T.RandomGrayscale(p=0.2),
    ]
    if not small:
        steps.append(T.RandomApply([T.GaussianBlur(size // 10 | 1, (0.1, 2.0))], p=0.5))
    return T.Compose(steps + [np.asarray])


def passes(images, seconds, work):
    start = time.process_time()
    count = 0
    while True:
        for image in images:
            work(image)
        count += len(images)
        elapsed = time.process_time() - start
        if elapsed >= seconds:
            return count / elapsed


def report(name, images, seconds, work):
    for image in images[:10]:
        work(image)
    print(f"{name}: {passes(images, seconds, work):.1f} images/s", flush=True)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    tar, size, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    torch.set_num_threads(1)
    torch.manual_seed(0)
    encoded = files(tar)
    one = view(size)

    def two_views(picture):
        return one(picture), one(picture)

    report("decode + 2 views", encoded, seconds, lambda file: two_views(decode(file)))
    report("2 views", [decode(file) for file in encoded], seconds, two_views)


if __name__ == "__main__":
    main()

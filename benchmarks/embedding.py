#!/usr/bin/env python3
"""Embeds images in plain PyTorch, to compare `simclr embed` with.

What a PyTorch user would write: a DataLoader with a worker for each core that reads a tar or a
folder, PIL and torchvision for the pixels, torchvision's ResNet in channels-last under
inference_mode, and a .npy file with a list of ids beside it. The view is that of simclr embed: up
to 64 pixels the whole image as a square, above that the shorter side at 8/7 of the size and its
center.

    benchmarks/embedding.py --input images.tar --size 224 --network resnet50 --output embeddings

--weights takes the encoder.safetensors of a model of width 1, so that both compute the same.
Needs torch and torchvision (Debian: python3-torch python3-torchvision).
"""

import argparse
import io
import json
import os
import tarfile
import time

START = time.perf_counter()

import numpy as np
import torch
import torchvision
import torchvision.transforms as T
from PIL import Image
from torch import nn

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Images(torch.utils.data.Dataset):
    """Images of a tar, found once and read by each worker through its own file, or of a folder."""

    def __init__(self, source, transform):
        self.source, self.transform, self.file = source, transform, None
        if os.path.isdir(source):
            self.places = None
            self.ids = sorted(
                os.path.relpath(os.path.join(folder, name), source)
                for folder, _, names in os.walk(source)
                for name in names
            )
        else:
            with tarfile.open(source) as tar:
                entries = [entry for entry in tar if entry.isfile()]
            self.places = [(entry.offset_data, entry.size) for entry in entries]
            self.ids = [entry.name for entry in entries]

    def __len__(self):
        return len(self.ids)

    def read(self, i):
        if self.places is None:
            with open(os.path.join(self.source, self.ids[i]), "rb") as file:
                return file.read()
        if self.file is None:
            self.file = open(self.source, "rb")
        offset, size = self.places[i]
        self.file.seek(offset)
        return self.file.read(size)

    def __getitem__(self, i):
        return self.transform(Image.open(io.BytesIO(self.read(i))).convert("RGB"))


def view(size):
    if size <= 64:
        resize = [T.Resize((size, size))]
    else:
        resize = [T.Resize(round(size * 8 / 7)), T.CenterCrop(size)]
    return T.Compose(resize + [T.ToTensor(), T.Normalize(MEAN, DEVIATION)])


def network(name, size, weights):
    net = getattr(torchvision.models, name)()
    net.fc = nn.Identity()
    if size <= 64:
        net.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        net.maxpool = nn.Identity()
    if weights:
        net.load_state_dict(safetensors(weights))
    return net.eval().to(memory_format=torch.channels_last)


def safetensors(path):
    types = {"F32": np.float32, "I64": np.int64}
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    tensors = {}
    for name, tensor in header.items():
        if name != "__metadata__":
            begin, end = tensor["data_offsets"]
            values = np.frombuffer(data[begin:end], types[tensor["dtype"]]).copy()
            tensors[name] = torch.from_numpy(values).reshape(tensor["shape"])
    return tensors


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("--input", required=True, help="tar or folder")
    p.add_argument("--output", required=True, help="path to which .npy and .txt are added")
    p.add_argument("--network", default="resnet18")
    p.add_argument("--weights", help="encoder.safetensors; else random ones")
    p.add_argument("--size", type=int, default=224)
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--workers", type=int, default=os.cpu_count())
    p.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    a = p.parse_args()

    # Debian's build would use one.
    torch.set_num_threads(os.cpu_count())
    images = Images(a.input, view(a.size))
    net = network(a.network, a.size, a.weights)
    loader = torch.utils.data.DataLoader(images, a.batch, num_workers=a.workers)
    embeddings, times = [], []
    with torch.inference_mode():
        for x in loader:
            x = x.contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16, enabled=a.precision == "bf16"):
                embeddings.append(net(x).float().numpy())
            times.append(time.perf_counter())
    np.save(a.output + ".npy", np.concatenate(embeddings))
    with open(a.output + ".txt", "w") as ids:
        ids.writelines(name + "\n" for name in images.ids)
    if len(times) > 2:
        count = len(images) - len(embeddings[0])
        print(f"steady: {count / (times[-1] - times[0]):.1f} images/s from the first batch on")
    print(f"program: {len(images) / (time.perf_counter() - START):.1f} images/s, start included")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""SimCLR in plain PyTorch, to compare `simclr train` with: speed, loss and embeddings.

The same encoder, projection head, augmentation, loss, optimizer and schedule, written the way a
PyTorch user would write them: torchvision transforms on PIL images in DataLoader workers. Reads
tar shards whose entries are in class folders.

    benchmarks/training.py --input 'images/train-*.tar' --test 'images/test-*.tar' --epochs 10

Needs torch and torchvision (Debian: python3-torch python3-torchvision).
"""

import argparse
import glob
import io
import math
import os
import tarfile
import time

import torch
import torchvision.transforms as T
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torchvision.models.resnet import BasicBlock, ResNet


class Shards(torch.utils.data.Dataset):
    """Encoded images of tar shards in memory, with the class folder as label."""

    def __init__(self, pattern, transform):
        self.images, self.labels, self.transform = [], [], transform
        for name in sorted(glob.glob(pattern)):
            with tarfile.open(name) as shard:
                for entry in shard:
                    if entry.isfile():
                        self.images.append(shard.extractfile(entry).read())
                        self.labels.append(entry.name.split("/")[-2])
        self.classes = sorted(set(self.labels))

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        image = Image.open(io.BytesIO(self.images[i])).convert("RGB")
        return self.transform(image), self.classes.index(self.labels[i])


def views(size):
    s = 0.5 if size <= 64 else 1.0
    steps = [
        T.RandomResizedCrop(size),
        T.RandomHorizontalFlip(),
        T.RandomApply([T.ColorJitter(0.8 * s, 0.8 * s, 0.8 * s, 0.2 * s)], p=0.8),
        T.RandomGrayscale(p=0.2),
    ]
    if size > 64:
        kernel = size // 10 // 2 * 2 + 1
        steps.append(T.RandomApply([T.GaussianBlur(kernel, (0.1, 2.0))], p=0.5))
    one = T.Compose(steps + [T.ToTensor(), NORMALISE])
    return lambda image: torch.stack([one(image), one(image)])


def resnet18(width, small):
    c = int(64 * width)
    net = ResNet(BasicBlock, [2, 2, 2, 2])
    if small:
        net.conv1 = nn.Conv2d(3, c, 3, 1, 1, bias=False)
        net.maxpool = nn.Identity()
    else:
        net.conv1 = nn.Conv2d(3, c, 7, 2, 3, bias=False)
    net.bn1 = nn.BatchNorm2d(c)
    net.inplanes = c
    for i in range(4):
        stage = net._make_layer(BasicBlock, c << i, 2, stride=1 if i == 0 else 2)
        setattr(net, f"layer{i + 1}", stage)
    net.fc = nn.Identity()
    for m in net.modules():
        if isinstance(m, nn.Conv2d):
            nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
    return net, c * 8


def head(d):
    hidden = max(d, 512)
    return nn.Sequential(
        nn.Linear(d, hidden, bias=False),
        nn.BatchNorm1d(hidden),
        nn.ReLU(),
        nn.Linear(hidden, 128, bias=False),
        nn.BatchNorm1d(128),
    )


def nt_xent(z, temperature):
    z = F.normalize(z)
    similarity = z @ z.t() / temperature
    similarity.fill_diagonal_(float("-inf"))
    n = len(z) // 2
    return F.cross_entropy(similarity, torch.roll(torch.arange(2 * n, device=z.device), n))


def rate(step, steps, warmup, peak):
    if step < warmup:
        return peak * (step + 1) / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))


def embed(encoder, pattern, size):
    encoder.eval()
    still = T.Compose([T.Resize((size, size)), T.ToTensor(), NORMALISE])
    data = Shards(pattern, still)
    features, labels = [], []
    with torch.no_grad():
        for x, y in torch.utils.data.DataLoader(data, 256, num_workers=2):
            features.append(encoder(x.to(memory_format=torch.channels_last)))
            labels.append(y)
    return torch.cat(features), torch.cat(labels)


def knn(train, test, k=200, temperature=0.1):
    (bank, bank_labels), (queries, labels) = train, test
    similarity = F.normalize(queries) @ F.normalize(bank).t()
    top, index = similarity.topk(min(k, len(bank)))
    votes = torch.zeros(len(queries), int(bank_labels.max()) + 1)
    votes.scatter_add_(1, bank_labels[index], (top / temperature).exp())
    return (votes.argmax(1) == labels).float().mean().item()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("--input", required=True, help="glob of tar shards")
    p.add_argument("--test", help="glob of tar shards to test on by kNN")
    p.add_argument("--size", type=int, default=32)
    p.add_argument("--width", type=float, default=0.25)
    p.add_argument("--batch", type=int, default=256)
    p.add_argument("--epochs", type=int, default=10)
    p.add_argument("--steps", type=int, help="stop after so many, for timing")
    p.add_argument("--workers", type=int, default=2)
    p.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    p.add_argument("--seed", type=int, default=0)
    a = p.parse_args()

    # Debian's build would use one.
    torch.set_num_threads(os.cpu_count())
    torch.manual_seed(a.seed)
    data = Shards(a.input, views(a.size))
    loader = torch.utils.data.DataLoader(
        data, a.batch, shuffle=True, drop_last=True, num_workers=a.workers, persistent_workers=True
    )
    encoder, d = resnet18(a.width, a.size <= 64)
    net = nn.Sequential(encoder, head(d)).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=1e-4)
    epoch_steps = len(data) // a.batch
    steps = a.epochs * epoch_steps
    step, times = 0, []
    while step < (a.steps or steps):
        for x, _ in loader:
            for group in optimizer.param_groups:
                group["lr"] = rate(step, steps, min(10 * epoch_steps, steps // 10), 1e-3)
            x = torch.cat([x[:, 0], x[:, 1]]).contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16, enabled=a.precision == "bf16"):
                z = net(x)
            loss = nt_xent(z.float(), 0.5)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            times.append(time.time())
            if step % 10 == 0:
                recent = times[-11:]
                speed = a.batch * (len(recent) - 1) / (recent[-1] - recent[0])
                print(f"step {step} of {steps} loss {loss.item():.4f} {speed:.0f} images/s", flush=True)
            if step == (a.steps or steps):
                break
    skip = min(10, len(times) - 2)  # the loader's start is no part of the rate
    speed = a.batch * (len(times) - 1 - skip) / (times[-1] - times[skip])
    print(f"{speed:.1f} images/s over {len(times) - skip} steps, start apart")
    if a.test:
        accuracy = knn(embed(encoder, a.input, a.size), embed(encoder, a.test, a.size))
        print(f"kNN {100 * accuracy:.2f} %")


MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
NORMALISE = T.Normalize(MEAN, DEVIATION)

if __name__ == "__main__":
    main()

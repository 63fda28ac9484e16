"""Golden training steps: three steps of SimCLR in plain PyTorch.

Writes the JSON that GoldenStepsTest compares the training program with. The build does not run
this. To make the values anew, where PyTorch and NumPy are installed:

    python3 model/src/test/python/golden_steps.py > model/src/test/resources/golden/steps.json

The values in the repository are from PyTorch 2.13.0 on a CPU.

The network, the loss and LARS are written here from the papers and from google-research/simclr.
Nothing is taken from the Java program. Weights and pixels follow from formulas, so that the test
makes the same ones.

    --noise X   multiplies all initial weights by 1 + X * (a random sign): how far the values move
                by that is what the test's tolerances must allow for rounding
"""

import argparse
import json
import math
import sys
import zlib

import numpy
import torch
from torch import nn
from torch.nn import functional

IMAGES = 8
SIZE = 16
CHANNELS = 8  # a ResNet-18 of width 1/8
HIDDEN = 512
PROJECTION = 2 * IMAGES
TEMPERATURE = 0.5
STEPS = 3
SAMPLES = 5
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


class Block(nn.Module):
    """He et al., arXiv 1512.03385, figure 2, with torchvision's names."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(y)) + self.downsample(x))


class HeadLayer(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(inputs, outputs, bias=False)
        self.bn = nn.BatchNorm1d(outputs)

    def forward(self, x):
        return self.bn(self.linear(x))


class SimClr(nn.Module):
    """A ResNet-18 for small images (SimCLR, appendix B.9) and a projection head of two layers."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, CHANNELS, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(CHANNELS)
        inputs = CHANNELS
        for stage in range(4):
            outputs = CHANNELS << stage
            layer = nn.Sequential(
                Block(inputs, outputs, 1 if stage == 0 else 2), Block(outputs, outputs, 1)
            )
            self.add_module(f"layer{stage + 1}", layer)
            inputs = outputs
        self.head = nn.Sequential(HeadLayer(inputs, HIDDEN), HeadLayer(HIDDEN, PROJECTION))

    def forward(self, x):
        y = functional.relu(self.bn1(self.conv1(x)))
        y = self.layer4(self.layer3(self.layer2(self.layer1(y))))
        h = y.float().mean((2, 3))
        return self.head[1](functional.relu(self.head[0](h))).float()


def nt_xent(first, second):
    """SimCLR, algorithm 1, anchor by anchor: z[2k] and z[2k + 1] are the views of image k."""
    z = torch.stack([first, second], 1).flatten(0, 1)
    z = z / z.norm(dim=1, keepdim=True)
    losses, hits = [], 0
    for i in range(len(z)):
        positive = i + 1 if i % 2 == 0 else i - 1
        others = [k for k in range(len(z)) if k != i]
        similarity = z[others] @ z[i]
        target = others.index(positive)
        hits += int(similarity.argmax()) == target
        losses.append(
            functional.cross_entropy((similarity / TEMPERATURE)[None], torch.tensor([target]))
        )
    # Chen and He, arXiv 2011.10566, section 4.1.
    return torch.stack(losses).mean(), hits / len(z), z.std(0).mean()


class Lars(torch.optim.Optimizer):
    """google-research/simclr's lars_optimizer.py with its classic momentum."""

    def __init__(self, groups, momentum, trust):
        super().__init__(groups, dict(lr=0.0, weight_decay=0.0, momentum=momentum, trust=trust))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for w in group["params"]:
                update, rate = w.grad, group["lr"]
                if group["adapt"]:
                    update = update + group["weight_decay"] * w
                    w_norm, g_norm = w.norm(), update.norm()
                    ratio = group["trust"] * w_norm / g_norm if w_norm > 0 and g_norm > 0 else 1.0
                    rate = rate * ratio
                v = self.state[w].setdefault("v", torch.zeros_like(w))
                v.mul_(group["momentum"]).add_(rate * update)
                w.sub_(v)


# An epsilon that is no smaller than gradients are keeps AdamW from enlarging the rounding of those
# that are nearly 0.
OPTIMIZERS = {
    "lars": (lambda groups: Lars(groups, 0.9, 0.5), 0.1, [1e-3, 2e-3, 5e-4]),
    "adamw": (lambda groups: torch.optim.AdamW(groups, eps=0.01), 1.0, [1e-3, 2e-3, 5e-4]),
    "sgd": (lambda groups: torch.optim.SGD(groups, momentum=0.9), 0.5, [1e-3, 2e-3, 5e-4]),
    "nesterov": (
        lambda groups: torch.optim.SGD(groups, momentum=0.9, nesterov=True),
        0.5,
        [1e-3, 2e-3, 5e-4],
    ),
}


def initial(name, shape):
    i = numpy.arange(math.prod(shape), dtype=numpy.float64)
    v = numpy.sin(0.37 * i * i + zlib.crc32(name.encode()) % 1000)
    if len(shape) > 1:
        values = v * math.sqrt(2 / math.prod(shape[1:]))
    elif name.endswith("running_var"):
        values = 1 + 0.5 * v * v
    elif name.endswith("running_mean"):
        values = 0.1 * v
    elif name.endswith("weight"):
        values = 1 + 0.1 * v
    else:
        values = 0.1 * v
    return torch.tensor(values.reshape(shape), dtype=torch.float32)


def scrambled(number):
    return ((number * 2654435761) % 2**32) >> 16


def views(step):
    """uint8 [N, 2, H, W, 3]: squares of 4 x 4 pixels that an image's views share, and noise."""
    shape = (IMAGES, 2, SIZE, SIZE, 3)
    j = numpy.arange(math.prod(shape), dtype=numpy.int64)
    image, view, y, x, c = numpy.unravel_index(j, shape)
    square = (((step * IMAGES + image) * SIZE + y // 4) * SIZE + x // 4) * 3 + c
    noise = scrambled(j + 7919 * (step + 1)) % 64
    return ((scrambled(square) % 192 + noise).astype(numpy.uint8)).reshape(shape)


def images(pixels, view):
    x = torch.from_numpy(pixels[:, view].copy()).permute(0, 3, 1, 2).float() / 255
    x = (x - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
    return x.contiguous(memory_format=torch.channels_last)


def summary(before, after):
    """A few values of a tensor, the sum of all with weights of their own, and how far it moved."""
    values, old = after.double().flatten(), before.double().flatten()
    places = [k * len(values) // SAMPLES for k in range(min(SAMPLES, len(values)))]
    weights = torch.sin(torch.arange(len(values), dtype=torch.float64))
    return {
        "values": [float(f"{values[k]:.8g}") for k in places],
        "projection": float(f"{values @ weights:.8g}"),
        "change": float(f"{(values - old).norm():.8g}"),
    }


def run(optimizer, precision, version, noise):
    """Runs the steps. In version 1 of the settings, all parameters were decayed and the head's last
    BatchNorm had a beta; in version 2 neither is so, as in google-research/simclr (its
    add_weight_decay and the center=use_bias of its LinearLayer).
    """
    shift_last = decay_all = version == 1
    torch.manual_seed(0)
    model = SimClr()
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if name.endswith("num_batches_tracked"):
                continue
            tensor.copy_(initial(name, tuple(tensor.shape)))
            tensor.mul_(1 + noise * torch.randn_like(tensor).sign())
        if not shift_last:
            model.head[1].bn.bias.zero_()
    model.head[1].bn.bias.requires_grad_(shift_last)
    model.train()
    model = model.to(memory_format=torch.channels_last)
    start = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    create, decay, rates = OPTIMIZERS[optimizer]
    kernels = [p for p in model.parameters() if p.requires_grad and p.dim() > 1]
    others = [p for p in model.parameters() if p.requires_grad and p.dim() == 1]
    rule = create(
        [
            {"params": kernels, "weight_decay": decay, "adapt": True},
            {"params": others, "weight_decay": decay if decay_all else 0.0, "adapt": False},
        ]
    )
    steps = []
    for step, rate in enumerate(rates):
        for group in rule.param_groups:
            group["lr"] = rate
        pixels = views(step)
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            z = model(torch.cat([images(pixels, 0), images(pixels, 1)]))
        loss, top1, std = nt_xent(z[:IMAGES], z[IMAGES:])
        rule.zero_grad()
        loss.backward()
        norm = torch.stack([p.grad.norm() for p in kernels + others]).norm()
        rule.step()
        steps.append([float(f"{float(v):.8g}") for v in (loss.detach(), top1, norm, std.detach())])
    tensors = {
        name: summary(start[name], tensor)
        for name, tensor in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
        and (shift_last or name != "head.1.bn.bias")
    }
    return {
        "optimizer": optimizer,
        "precision": precision,
        "version": f"v{version}",
        "weight_decay": decay,
        "rates": rates,
        "steps": steps,
        "tensors": tensors,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--noise", type=float, default=0)
    noise = parser.parse_args().noise
    torch.use_deterministic_algorithms(True)
    cases = [
        run(optimizer, precision, version, noise)
        for optimizer in OPTIMIZERS
        for version, precision in ((2, "fp32"), (2, "bf16"), (1, "fp32"))
    ]
    print(f"PyTorch {torch.__version__}", file=sys.stderr)
    json.dump(cases, sys.stdout)
    print()


if __name__ == "__main__":
    main()

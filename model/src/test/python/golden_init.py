"""Golden files of weights: what torchvision and timm call tensors, and what they compute with them.

Writes golden/init.json and init/resnet18.safetensors, which GivenWeightsTest reads. The build does
not run this. To make them anew, where PyTorch, torchvision and timm are installed:

    python3 model/src/test/python/golden_init.py model/src/test/resources

The values in the repository are from PyTorch 1.13.0, torchvision 0.14.1 and timm 1.0.29 on
a CPU.

  timm       a ViT: its names and shapes, and the class token after the last norm. Weights and
             pixels follow from formulas, so that the test makes the same ones.
  resnet     torchvision's ResNet-18 with a 32nd of the channels. The file has its weights in half
             precision, as torch.nn.DataParallel names them, and a classifier.
  positions  torchvision's interpolate_embeddings
"""

import collections
import json
import math
import struct
import sys
import zlib

import numpy
import torch
import torchvision
from timm.models.vision_transformer import VisionTransformer
from torchvision.models.vision_transformer import interpolate_embeddings

NARROW = 32


def weights(name, shape):
    """The formula of GoldenEncoder."""
    count = math.prod(shape)
    phase = zlib.crc32(name.encode()) % 1000
    v = numpy.sin(0.37 * numpy.arange(count) + phase)
    if len(shape) > 1:
        v *= math.sqrt(2 / (count // shape[0]))
    elif name.endswith("weight"):
        v = 1 + 0.1 * v
    else:
        v *= 0.1
    return torch.from_numpy(v.astype(numpy.float32)).reshape(shape)


def images(size, seed):
    """float32 [2, 3, size, size] in [0, 1]"""
    j = numpy.arange(2 * size * size * 3, dtype=numpy.uint64)
    pixels = ((j * 2654435761 + seed) & 0xFFFFFFFF) >> 16 & 0xFF
    nhwc = torch.from_numpy(pixels.astype(numpy.float32)).reshape(2, size, size, 3)
    return nhwc.permute(0, 3, 1, 2) / 255


def numbers(tensor):
    return [float(f"{value:.8g}") for value in tensor.flatten().tolist()]


def transformer():
    network = VisionTransformer(img_size=32, patch_size=8, embed_dim=192, depth=12, num_heads=3)
    shapes = {name: list(tensor.shape) for name, tensor in network.state_dict().items()}
    network.load_state_dict({name: weights(name, shape) for name, shape in shapes.items()})
    network.eval()
    with torch.no_grad():
        output = network.forward_features(images(32, 5))[:, 0]
    return {"size": 32, "input_seed": 5, "shapes": shapes, "output": numbers(output)}


class Narrow(torchvision.models.ResNet):
    def _make_layer(self, block, planes, *args, **kwargs):
        if planes == 64:
            self.inplanes = 64 // NARROW
            self.conv1 = torch.nn.Conv2d(3, self.inplanes, 7, 2, 3, bias=False)
            self.bn1 = torch.nn.BatchNorm2d(self.inplanes)
        return super()._make_layer(block, planes // NARROW, *args, **kwargs)


def residual(path):
    torch.manual_seed(1)
    network = Narrow(torchvision.models.resnet.BasicBlock, [2, 2, 2, 2])
    network.fc = torch.nn.Linear(512 // NARROW, 10)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.bias, -0.5, 0.5)
            torch.nn.init.uniform_(module.running_mean, -0.5, 0.5)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
    halves = {
        "module." + name: tensor.half() if tensor.is_floating_point() else tensor
        for name, tensor in network.state_dict().items()
    }
    write(path, halves)
    network.load_state_dict({name[7:]: tensor for name, tensor in halves.items()})
    network.fc = torch.nn.Identity()
    network.eval()
    with torch.no_grad():
        output = network(images(32, 7))
    return {"size": 32, "input_seed": 7, "output": numbers(output)}


def write(path, tensors):
    """As safetensors.torch.save_file."""
    codes = {torch.float16: "F16", torch.int64: "I64"}
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in sorted(tensors.items(), key=lambda item: -item[1].element_size()):
        part = tensor.numpy().tobytes()
        header[name] = {
            "dtype": codes[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(part)],
        }
        data += part
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def positions(grid, to):
    given = torch.randn(1, 1 + grid * grid, 2, generator=torch.Generator().manual_seed(grid))
    state = collections.OrderedDict({"encoder.pos_embedding": given})
    resized = interpolate_embeddings(to, 1, state)["encoder.pos_embedding"]
    return {"from": grid, "to": to, "given": numbers(given), "resized": numbers(resized)}


def main():
    folder = sys.argv[1]
    golden = {
        "timm": transformer(),
        "resnet": residual(folder + "/init/resnet18.safetensors"),
        "positions": [
            positions(*sizes) for sizes in ((4, 7), (7, 4), (2, 5), (5, 2), (3, 1), (1, 3))
        ],
    }
    print(f"PyTorch {torch.__version__}, torchvision {torchvision.__version__}", file=sys.stderr)
    with open(folder + "/golden/init.json", "w") as file:
        json.dump(golden, file)
        file.write("\n")


if __name__ == "__main__":
    main()

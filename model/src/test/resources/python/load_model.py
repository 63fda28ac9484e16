"""Loads a model folder with PyTorch and torchvision: load_model.py FOLDER PIXELS SIZE COUNT ENCODER.

Prints the embeddings that encoder.pt gives the pixels (uint8, NHWC), a line an image, then those of
torchvision's network with the weights of encoder.safetensors. ENCODER is resnet18 or vit_ti_16.
"""
import json
import struct
import sys

import numpy
import torch
import torchvision

folder, pixels, size, count, encoder = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
images = numpy.fromfile(pixels, dtype=numpy.uint8).reshape(count, size, size, 3)
images = torch.from_numpy(images).permute(0, 3, 1, 2)

with open(folder + "/encoder.safetensors", "rb") as file:
    length = struct.unpack("<Q", file.read(8))[0]
    header = json.loads(file.read(length))
    data = file.read()
types = {"F32": numpy.float32, "I64": numpy.int64}
state = {}
for name, entry in header.items():
    begin, end = entry["data_offsets"]
    values = numpy.frombuffer(data[begin:end], dtype=types[entry["dtype"]])
    state[name] = torch.from_numpy(values.copy().reshape(entry["shape"]))

if encoder == "resnet18":
    network = torchvision.models.resnet18()
    network.fc = torch.nn.Identity()
else:
    network = torchvision.models.VisionTransformer(
        image_size=size, patch_size=16, num_layers=12, num_heads=3, hidden_dim=192, mlp_dim=4 * 192
    )
    network.heads = torch.nn.Identity()
network.load_state_dict(state, strict=True)
network.eval()
mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
deviation = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)

with torch.no_grad():
    for output in (
        torch.jit.load(folder + "/encoder.pt")(images),
        network((images / 255.0 - mean) / deviation),
    ):
        for row in output:
            print(" ".join(repr(float(value)) for value in row))

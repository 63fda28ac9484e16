"""Golden losses: the decoupled contrastive loss and its gradient in plain PyTorch, in float64.

Writes the JSON that DclTest compares with. The build does not run this. To make the values anew,
where PyTorch is installed:

    python3 model/src/test/python/golden_losses.py > model/src/test/resources/golden/dcl.json

The values in the repository are from PyTorch 2.13.0 on a CPU. The loss is written here from the
paper (arXiv 2110.06848), anchor by anchor. Nothing is taken from the Java program.
"""

import json

import torch

SIGMA = 0.5


def dcl(z, temperature, weighted):
    count = len(z) // 2
    unit = z / z.norm(dim=1, keepdim=True)
    pairs = torch.stack([unit[i] @ unit[i + count] for i in range(count)])
    with torch.no_grad():
        scores = torch.exp(pairs / SIGMA)
        weights = 2 - scores / scores.mean() if weighted else torch.ones_like(scores)
    total = 0
    for anchor in range(2 * count):
        image = anchor % count
        negatives = [row for row in range(2 * count) if row % count != image]
        repulsion = sum(torch.exp(unit[anchor] @ unit[row] / temperature) for row in negatives)
        total = total - weights[image] * pairs[image] / temperature + torch.log(repulsion)
    return total / (2 * count)


def main():
    torch.manual_seed(1)
    cases = []
    for count, size, temperature in ((2, 3, 0.5), (3, 4, 0.1), (8, 16, 0.5), (16, 8, 0.07)):
        rows = (torch.randn(2 * count, size, dtype=torch.float64) * 1e4).round() / 1e4
        for weighted in (False, True):
            z = rows.clone().requires_grad_()
            loss = dcl(z, temperature, weighted)
            loss.backward()
            cases.append(
                {
                    "temperature": temperature,
                    "weighted": weighted,
                    "z": z.tolist(),
                    "loss": loss.item(),
                    "grad": z.grad.tolist(),
                }
            )
    print(json.dumps(cases))


main()

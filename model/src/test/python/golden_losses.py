"""Golden losses: contrastive losses and their gradients in plain PyTorch, in float64.

Writes the JSON that DclTest and SeveralViewsTest compare with. The build does not run this. To make
the values anew, where PyTorch is installed:

    cd model/src/test
    python3 python/golden_losses.py dcl > resources/golden/dcl.json
    python3 python/golden_losses.py views > resources/golden/several_views.json

The values in the repository are from PyTorch 2.13.0 (dcl) and 1.13.0 (views) on a CPU. The losses are
written here from the papers, anchor by anchor: DCL (arXiv 2110.06848), and SupCon's outer loss (arXiv
2004.11362, equation 2), of which NT-Xent of several views is the case of one image per class. Nothing
is taken from the Java program.
"""

import json
import sys

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


def of_views(z, views, temperature, classes, decoupled, weighted):
    """Rows i, i + N and so on are the views of image i. Positives are of one class."""
    rows = len(z)
    count = rows // views
    unit = z / z.norm(dim=1, keepdim=True)
    label = [classes[row % count] for row in range(rows)]
    positives = [[p for p in range(rows) if p != i and label[p] == label[i]] for i in range(rows)]
    means = [sum(unit[i] @ unit[p] for p in positives[i]) / len(positives[i]) for i in range(rows)]
    weights = [1.0] * rows
    if weighted:
        scores = torch.exp(torch.stack(means).detach() / SIGMA)
        weights = 2 - scores / scores.mean()
    total = 0
    for i in range(rows):
        others = [a for a in range(rows) if a != i and not (decoupled and a in positives[i])]
        repulsion = torch.log(sum(torch.exp(unit[i] @ unit[a] / temperature) for a in others))
        total = total + repulsion - weights[i] * means[i] / temperature
    return total / rows


def top1(z, views, classes):
    count = len(z) // views
    unit = z / z.norm(dim=1, keepdim=True)
    closest = (unit @ unit.T).fill_diagonal_(-2).argmax(1)
    hits = [classes[i % count] == classes[int(j) % count] for i, j in enumerate(closest)]
    return sum(hits) / len(hits)


def several_views():
    torch.manual_seed(2)
    cases = []
    kinds = (("ntxent", 3), ("dcl", 3), ("dclw", 3), ("supcon", 2), ("supcon", 3))
    for count, size, temperature in ((2, 3, 0.5), (4, 5, 0.1), (7, 8, 0.2)):
        for name, views in kinds:
            rows = (torch.randn(views * count, size, dtype=torch.float64) * 1e4).round() / 1e4
            # The last image has no label, and so a class of its own.
            labels = [0, 0, 5, 0, 5, 9] + [0] * count
            classes = labels[: count - 1] + [count - 1] if name == "supcon" else list(range(count))
            z = rows.clone().requires_grad_()
            loss = of_views(z, views, temperature, classes, name.startswith("dcl"), name == "dclw")
            loss.backward()
            cases.append(
                {
                    "loss_name": name,
                    "views": views,
                    "temperature": temperature,
                    "classes": classes,
                    "z": z.tolist(),
                    "loss": loss.item(),
                    "top1": top1(rows, views, classes),
                    "grad": z.grad.tolist(),
                }
            )
    return cases


def dcl_of_pairs():
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
    return cases


print(json.dumps({"dcl": dcl_of_pairs, "views": several_views}[sys.argv[1]]()))

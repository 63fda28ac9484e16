"""Golden steps of LARS with a clipped trust ratio, in plain PyTorch, in float64.

Writes the JSON that OptimizerTest compares with. The build does not run this. To make the values
anew, where PyTorch is installed:

    python3 model/src/test/python/golden_larc.py > model/src/test/resources/golden/larc.json

The values in the repository are from PyTorch 1.13.0 on a CPU. The update is written here from the
definition: LARS (arXiv 1708.03888) with the ratio min(local / rate, 1), where the local rate is eta |w|
/ |g + decay w|, and momentum as in google-research/simclr. Nothing is taken from the Java program.
"""

import json

import torch

RATES = [0.1, 0.4, 0.2]
MOMENTUM, DECAY = 0.9, 0.01


def step(w, g, v, rate, eta):
    """Returns the weights, the velocity, and whether the learning rate was the limit."""
    clipped = None
    if w.dim() > 1:  # others are neither decayed nor adapted
        g = g + DECAY * w
        local = eta * w.norm() / g.norm() if w.norm() > 0 and g.norm() > 0 else torch.tensor(rate)
        clipped = bool(local >= rate)
        rate = min(local.item(), rate)
    v = MOMENTUM * v + rate * g
    return w - v, v, clipped


def main():
    torch.manual_seed(4)
    cases = []
    for eta, expected in ((5.0, {True}), (0.3, {True, False}), (0.02, {False})):
        w = [torch.randn(3, 2, dtype=torch.float64), torch.randn(4, dtype=torch.float64)]
        v = [torch.zeros_like(x) for x in w]
        initial = [x.tolist() for x in w]
        gradients, after, seen = [], [], set()
        for rate in RATES:
            g = [torch.randn_like(x) for x in w]
            for i in range(2):
                w[i], v[i], clipped = step(w[i], g[i], v[i], rate, eta)
                seen |= {clipped} if i == 0 else set()
            gradients.append([x.tolist() for x in g])
            after.append([x.tolist() for x in w])
        assert seen == expected, (eta, seen)
        cases.append(
            {
                "optimizer": "lars",
                "params": {
                    "momentum": MOMENTUM, "weight_decay": DECAY, "eta": eta, "clip": True
                },
                "rates": RATES,
                "initial": initial,
                "gradients": gradients,
                "after": after,
            }
        )
    print(json.dumps(cases))


main()

#!/usr/bin/env python3
"""Whether the programs that Java writes run on a GPU as they should, and how fast. Needs no Java.

    ./dev bench gpu                  where Java is: writes bench/gpu, a folder to take along
    python3 bench/gpu/check.py       where the GPU is

Loads the archives of training steps and frozen encoders with torch.jit.load, runs them, and prints a
line for each thing seen. The exit code is 1 if a tensor is on the wrong device, or the loss or an
embedding is not that of the CPU. Speeds are compared with the same network in plain PyTorch:
channels-last, with autocast in bf16, and also as a CUDA graph. --device=cpu runs all that a CPU can.

Needs torch 1.13 or newer and, for the comparison with plain PyTorch, torchvision.
"""

import argparse
import json
import os
import resource
import sys
import time

import torch

TOLERANCE = {"fp32": 1e-3, "bf16": 5e-2}  # of the first loss and of embeddings, relative
LATER = 20  # times as much for the losses after updates, which enlarge what rounding does
WAITS = ("cudaStreamSynchronize", "cudaDeviceSynchronize", "cudaEventSynchronize", "cudaMemcpy")
RATE = 1e-3


def load(folder, name, device):
    return torch.jit.load(os.path.join(folder, name), map_location=device)


def pixels(about, batch, seed):
    """uint8 [N, K, H, W, 3]: squares that an image's views share, and noise."""
    random = torch.Generator().manual_seed(seed)
    side, views = about["image_size"], about["views"]
    coarse = torch.randint(0, 200, (batch, 1, 4, 4, 3), generator=random)
    coarse = coarse.repeat_interleave(-(-side // 4), 2).repeat_interleave(-(-side // 4), 3)
    noise = torch.randint(0, 56, (batch, views, side, side, 3), generator=random)
    return (coarse[:, :, :side, :side] + noise).to(torch.uint8)


def control(step):
    """On the CPU, as Java has it: the learning rate, and the number of the update from 1."""
    return torch.tensor([RATE, step + 1], dtype=torch.float64)


class Device:
    """A device with the clock that suits it."""

    def __init__(self, name):
        self.device = torch.device(name)
        self.is_gpu = self.device.type == "cuda"

    def wait(self):
        if self.is_gpu:
            torch.cuda.synchronize(self.device)

    def name(self):
        return torch.cuda.get_device_name(self.device) if self.is_gpu else "CPU"

    def forget_peak(self):
        if self.is_gpu:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(self.device)

    def peak(self):
        """Bytes that tensors took at most; on a CPU, the process since its start."""
        if self.is_gpu:
            return torch.cuda.max_memory_allocated(self.device)
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    def time(self, work, steps, warmup):
        """Returns seconds of a step, and seconds of it for which the host was held up in calls."""
        for i in range(warmup):
            work(i)
        self.wait()
        held, start = 0.0, time.perf_counter()
        for i in range(warmup, warmup + steps):
            called = time.perf_counter()
            work(i)
            held += time.perf_counter() - called
        self.wait()
        return (time.perf_counter() - start) / steps, held / steps


class Report:
    """Prints what is seen, one JSON object a line, and remembers what is wrong."""

    def __init__(self):
        self.wrong = []

    def say(self, what, **values):
        print(json.dumps({"what": what, **values}), flush=True)

    def check(self, what, right, **values):
        self.say(what, right=bool(right), **values)
        if not right:
            self.wrong.append(what)


def misplaced(module, device):
    tensors = list(module.named_parameters()) + list(module.named_buffers())
    assert tensors, "the program has no tensors"
    return [name for name, tensor in tensors if tensor.device.type != device.type]


def check_step(report, folder, about, precision, on, batch):
    """Three steps on the device and on the CPU, from the same weights, on the same images."""
    statistics = {}
    for device in {"cpu": torch.device("cpu"), on.device.type: on.device}.values():
        program = load(folder, f"step-{precision}.pt", device)
        report.check("placement before", not misplaced(program, device), precision=precision)
        lines = []
        for i in range(3):
            out = program.step(pixels(about, batch, i).to(device), control(i))
            lines.append(out.tolist())
        report.check(
            "placement after",
            not misplaced(program, device) and out.device.type == device.type,
            precision=precision,
            device=device.type,
        )
        statistics[device.type] = lines
    losses = {device: [line[0] for line in lines] for device, lines in statistics.items()}
    distances = [abs(a / b - 1) for a, b in zip(losses[on.device.type], losses["cpu"])]
    report.check(
        "loss is that of the CPU",
        distances[0] <= TOLERANCE[precision] and max(distances) <= LATER * TOLERANCE[precision],
        precision=precision,
        distances=distances,
        losses=losses[on.device.type],
    )


def check_encoder(report, folder, about, precision, on, batch):
    images = pixels(about, batch, 9)[:, 0].permute(0, 3, 1, 2)
    with torch.no_grad():
        expected = load(folder, f"encoder-{precision}.pt", "cpu")(images)
        program = load(folder, f"encoder-{precision}.pt", on.device)
        out = program(images.to(on.device))
    distance = ((out.cpu() - expected).norm() / expected.norm()).item()
    report.check(
        "embeddings are those of the CPU",
        out.device.type == on.device.type
        and not misplaced(program, on.device)
        and list(out.shape) == [batch, about["dimension"]]
        and distance <= TOLERANCE[precision],
        precision=precision,
        distance=distance,
    )


def say_step(report, what, precision, on, batch, call, steps):
    """Says how fast a whole step is, and returns its seconds."""
    on.forget_peak()
    step, held = on.time(call, steps, 3)
    report.say(
        what,
        precision=precision,
        images_per_s=batch / step,
        step_ms=1e3 * step,
        host_ms=1e3 * held,
        peak_mb=on.peak() / 1e6,
    )
    return step


def measure_step(report, folder, about, precision, on, batch, steps):
    """The whole step in one call, as training does it; then its parts, for the optimizer's."""
    program = load(folder, f"step-{precision}.pt", on.device)
    views = pixels(about, batch, 0).to(on.device)
    step = say_step(
        report, "training step", precision, on, batch, lambda i: program.step(views, control(i)), steps
    )
    with torch.no_grad():
        z = program.forward(views)
    dz = program.loss(z)[0]
    gradients = program.gradients(views, dz, torch.tensor(0.1, dtype=torch.float64))
    with torch.no_grad():
        update, held = on.time(lambda i: program.update(gradients, control(i)), steps, 3)
    report.say(
        "optimizer",
        precision=precision,
        update_ms=1e3 * update,
        host_ms=1e3 * held,
        parameters=len(gradients),
        share_of_step=update / step,
    )
    report_waits(report, program, views, precision, on)


def report_waits(report, program, views, precision, on):
    """Calls in which the host waits for the device; a read of a number from it is one as well."""
    activities = [torch.profiler.ProfilerActivity.CPU]
    if on.is_gpu:
        activities.append(torch.profiler.ProfilerActivity.CUDA)
    with torch.profiler.profile(activities=activities) as profile:
        program.step(views, control(9))
        on.wait()
    events = profile.key_averages()
    waits = {e.key: e.count for e in events if e.key.startswith(WAITS)}
    reads = sum(e.count for e in events if e.key == "aten::_local_scalar_dense")
    launches = sum(e.count for e in events if e.key == "cudaLaunchKernel")
    report.say("waits in a step", precision=precision, waits=waits, reads=reads, launches=launches)


def measure_encoder(report, folder, about, precision, on, batch, steps):
    program = load(folder, f"encoder-{precision}.pt", on.device)
    images = pixels(about, batch, 0)[:, 0].permute(0, 3, 1, 2).to(on.device)
    on.forget_peak()
    with torch.no_grad():
        step, _ = on.time(lambda i: program(images), steps, 3)
    report.say(
        "frozen encoder",
        precision=precision,
        images_per_s=batch / step,
        peak_mb=on.peak() / 1e6,
    )


class Eager:
    """The same step in plain PyTorch, as benchmarks/training.py has it."""

    def __init__(self, about, precision, on, batch):
        # It lies a folder above, or beside this file where both were taken along.
        sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
        from training import MEAN, DEVIATION, head, nt_xent, resnet18

        encoder, width = resnet18(about["width"], about["image_size"] <= 64)
        network = torch.nn.Sequential(encoder, head(width))
        self.network = network.to(on.device, memory_format=torch.channels_last)
        self.loss_of = nt_xent
        options = {"capturable": True} if on.is_gpu else {}
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), RATE, weight_decay=1e-4, **options
        )
        self.mean = torch.tensor(MEAN, device=on.device)[:, None, None]
        self.deviation = torch.tensor(DEVIATION, device=on.device)[:, None, None]
        self.on, self.bf16 = on, precision == "bf16"
        self.views = pixels(about, batch, 0).to(on.device)

    def step(self):
        x = self.views.transpose(0, 1).flatten(0, 1).permute(0, 3, 1, 2).float()
        x = (x / 255 - self.mean) / self.deviation
        with torch.autocast(self.on.device.type, torch.bfloat16, enabled=self.bf16):
            z = self.network(x)
        loss = self.loss_of(z.float(), 0.5)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()

    def graph(self):
        """Returns a CUDA graph of the step. Gradients are made anew inside, so they are its own."""
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(5):
                self.step()
        torch.cuda.current_stream().wait_stream(side)
        self.optimizer.zero_grad(set_to_none=True)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.step()
        return graph


def measure_eager(report, about, precision, on, batch, steps):
    if about["encoder"] != "resnet18":
        report.say("plain PyTorch is left out", why="it has resnet18 only")
        return
    try:
        eager = Eager(about, precision, on, batch)
    except ImportError as e:
        report.say("plain PyTorch is left out", why=str(e))
        return
    say_step(report, "plain PyTorch", precision, on, batch, lambda i: eager.step(), steps)
    if on.is_gpu:
        graph = eager.graph()
        step, held = on.time(lambda i: graph.replay(), steps, 3)
        report.say(
            "plain PyTorch as a CUDA graph",
            precision=precision,
            images_per_s=batch / step,
            step_ms=1e3 * step,
            host_ms=1e3 * held,
        )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "folder",
        nargs="?",
        default=os.path.dirname(os.path.abspath(__file__)),
        help="with step-*.pt, encoder-*.pt and programs.json; by default that of this file",
    )
    parser.add_argument("--device", default="cuda", help="cuda, cuda:N or cpu")
    parser.add_argument("--batch", type=int, default=256, help="images in a step")
    parser.add_argument("--steps", type=int, default=20, help="timed steps of each kind")
    parser.add_argument("--precision", choices=["fp32", "bf16"], action="append")
    a = parser.parse_args()
    on = Device(a.device)
    if on.is_gpu and not torch.cuda.is_available():
        parser.error("PyTorch sees no GPU here; --device=cpu runs what a CPU can")
    with open(os.path.join(a.folder, "programs.json")) as file:
        about = json.load(file)
    report = Report()
    report.say("device", name=on.name(), torch=torch.__version__, batch=a.batch, **about)
    few = min(a.batch, 32)
    # As Java runs them: there is nothing to specialize.
    with torch.jit.optimized_execution(False):
        for precision in a.precision or ["fp32", "bf16"]:
            # Compared without TF32, measured with what is usual.
            torch.backends.cudnn.allow_tf32 = False
            check_step(report, a.folder, about, precision, on, few)
            check_encoder(report, a.folder, about, precision, on, few)
            torch.backends.cudnn.allow_tf32 = True
            measure_step(report, a.folder, about, precision, on, a.batch, a.steps)
            measure_encoder(report, a.folder, about, precision, on, a.batch, a.steps)
            measure_eager(report, about, precision, on, a.batch, a.steps)
    report.say("done", wrong=report.wrong)
    raise SystemExit(1 if report.wrong else 0)


if __name__ == "__main__":
    main()

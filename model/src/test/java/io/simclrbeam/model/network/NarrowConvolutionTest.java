package io.simclrbeam.model.network;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.simclrbeam.model.ForkedJvm;
import io.simclrbeam.model.TestKernels;
import io.simclrbeam.model.random.RandomStreams;
import io.simclrbeam.model.torchscript.Initialization;
import io.simclrbeam.model.torchscript.LoadedProgram;
import io.simclrbeam.model.torchscript.ScriptProgram;
import io.simclrbeam.model.torchscript.ScriptWriter;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shortcut of a residual block, whose weight gradient is in danger where it is narrow. */
final class NarrowConvolutionTest {
  private static final List<Integer> CHANNELS = List.of(4, 6, 7, 12, 15, 16, 32);

  /** So large that what is written past the memory of AVX-512's kernels hits something. */
  private static final int SIZE = 112;

  /** A processor without these kernels runs the best that it has. */
  @ParameterizedTest
  @ValueSource(strings = {"AVX2", "AVX512_CORE", "AVX512_CORE_BF16"})
  void gradientsAreThoseOfDoublePrecision(String kernels) throws Exception {
    TestKernels.assumeTheyDiffer(kernels, "AVX2");
    ForkedJvm jvm =
        ForkedJvm.run(
            Gradients.class, Map.of("ONEDNN_MAX_CPU_ISA", kernels, "OMP_NUM_THREADS", "2"));
    assertThat(jvm.exitCode()).as(jvm.output()).isZero();
    assertThat(jvm.output()).contains("compared " + CHANNELS.size());
  }

  /** Compares the gradients of many steps; a wrong one ends the process with exit code 1. */
  static final class Gradients {
    private Gradients() {}

    public static void main(String[] args) throws IOException {
      for (int in : CHANNELS) {
        for (Precision precision : List.of(Precision.FP32, Precision.BF16)) {
          compare(in, precision, precision == Precision.FP32 ? 1e-4 : 0.1);
        }
      }
      System.out.println("compared " + CHANNELS.size());
    }

    private static void compare(int in, Precision precision, double tolerance) throws IOException {
      ScriptProgram script = write(in, precision);
      try (LoadedProgram program = Programs.load(script, script.initialize(RandomStreams.of(1)))) {
        for (int round = 0; round < 2; round++) {
          try (NDManager manager = program.newManager()) {
            NDArray x = manager.randomNormal(new Shape(16, in, SIZE, SIZE));
            NDArray target = manager.randomNormal(new Shape(16, 2L * in, SIZE / 2, SIZE / 2));
            float error =
                program.callWithAutograd("error", manager, x, target).get(0).toFloatArray()[0];
            if (!(error < tolerance)) {
              System.out.printf("%d channels, %s: error %s%n", in, precision, error);
              System.exit(1);
            }
          }
        }
      }
    }

    /** The largest difference of the weight's and the input's gradient, over the largest value. */
    private static ScriptProgram write(int in, Precision precision) {
      ScriptWriter script = new ScriptWriter();
      ModuleLayers layers = new ModuleLayers(script, ModuleLayers.Mode.TRAINING, precision);
      Convolution shortcut = new Convolution("conv", "bn", in, 2 * in, 1, 2, Initialization.ONES);
      script.run("leaf = torch.requires_grad_(torch.contiguous(x, memory_format=2))");
      String y =
          layers.toFloat(layers.convolution(shortcut, script.let("%s", precision.operand("leaf"))));
      String loss = script.let("torch.sum(torch.mul(%s, target))", y);
      String w = ScriptWriter.read(shortcut.weight());
      script.run(
          "fast = unchecked_cast(List[Tensor], torch.grad([%s], annotate(List[Tensor], [%s,"
              + " leaf])))",
          loss, w);

      script.run("wd = torch.requires_grad_(torch.to(torch.detach(%s), 7))", w);
      script.run("xd = torch.requires_grad_(torch.to(torch.detach(x), 7))");
      script.run("c = torch.conv2d(xd, wd, None, [2, 2], [0, 0], [1, 1], 1)");
      script.run("n = torch.batch_norm(c, None, None, None, None, True, 0.1, 1e-05, False)");
      script.run("plain = torch.sum(torch.mul(n, torch.to(target, 7)))");
      script.run(
          "slow = unchecked_cast(List[Tensor], torch.grad([plain], annotate(List[Tensor], [wd,"
              + " xd])))");
      for (int i = 0; i < 2; i++) {
        script.run("d%d = torch.max(torch.abs(torch.sub(fast[%d], slow[%d])))", i, i, i);
        script.run("e%d = torch.div(d%d, torch.max(torch.abs(slow[%d])))", i, i, i);
      }
      script.method(
          "error",
          List.of("x: Tensor", "target: Tensor"),
          "Tensor",
          "torch.reshape(torch.to(torch.maximum(e0, e1), 6), [1])");
      return script.program();
    }
  }
}

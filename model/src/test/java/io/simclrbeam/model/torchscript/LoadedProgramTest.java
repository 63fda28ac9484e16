package io.simclrbeam.model.torchscript;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.simclrbeam.model.ForkedJvm;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

final class LoadedProgramTest {
  @Test
  void aCallThatNeverReturnsDoesNotKeepTheProcess() throws Exception {
    ForkedJvm jvm = ForkedJvm.run(Endless.class, Map.of());
    assertThat(jvm.output()).contains("has not returned 1 s after the process was asked to end");
    assertThat(jvm.exitCode()).as(jvm.output()).isEqualTo(1);
  }

  @Test
  void theEndOfTheProcessWaitsForACallThatReturns() throws Exception {
    ForkedJvm jvm = ForkedJvm.run(Finite.class, Map.of());
    assertThat(jvm.output()).contains("the call returned").doesNotContain("has not returned");
    assertThat(jvm.exitCode()).isZero();
  }

  @Test
  void programsCanBeCalledInWhatIsDoneAtTheEnd() throws Exception {
    ForkedJvm jvm = ForkedJvm.run(LastCall.class, Map.of());
    assertThat(jvm.output()).contains("the last call returned");
    assertThat(jvm.exitCode()).isZero();
  }

  @Test
  void anEndingThatHangsDoesNotKeepTheProcess() throws Exception {
    ForkedJvm jvm = ForkedJvm.run(HangingEnding.class, Map.of());
    assertThat(jvm.output())
        .contains("The last checkpoint is not written 1 s after the process was asked to end");
    assertThat(jvm.exitCode()).as(jvm.output()).isEqualTo(1);
  }

  /** Calls a program when its end has begun. */
  static final class LastCall {
    private LastCall() {}

    public static void main(String[] args) {
      LoadedProgram.onEnd(
          () -> {
            try {
              start("1").join();
              System.out.println("the last call returned");
            } catch (IOException | InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
      System.exit(0);
    }
  }

  /** Has something to do at its end that takes for ever. */
  static final class HangingEnding {
    private HangingEnding() {}

    public static void main(String[] args) {
      LoadedProgram.onEnd(
          () -> {
            while (true) {
              LockSupport.park();
            }
          });
      LoadedProgram.end(Duration.ofSeconds(1));
    }
  }

  /** Asks for its end while a call runs that has none. */
  static final class Endless {
    private Endless() {}

    public static void main(String[] args) throws Exception {
      start("9223372036854775807");
      LoadedProgram.awaitCalls(Duration.ofSeconds(1));
    }
  }

  /** Waits for a call that takes some time. */
  static final class Finite {
    private Finite() {}

    public static void main(String[] args) throws Exception {
      Thread call = start("200");
      LoadedProgram.awaitCalls(Duration.ofDays(1));
      System.out.println(isInForward(call) ? "the call runs" : "the call returned");
      Runtime.getRuntime().halt(0); // this thread has the lock that the shutdown hook would take
    }
  }

  /** Starts a call of so many convolutions, and returns its thread when it runs. */
  private static Thread start(String convolutions) throws IOException {
    ScriptWriter script = new ScriptWriter();
    script.run("y = x");
    script.run("for i in range(%s):", convolutions);
    script.run("  y = torch.conv2d(x, x, None, [1, 1], [2, 2], [1, 1], 1)");
    script.method("forward", List.of("x: Tensor"), "Tensor", "y");
    LoadedProgram program = LoadedProgram.load(script.program(), Map.of(), Device.cpu());
    Thread call =
        new Thread(
            () -> {
              NDManager manager = program.newManager();
              program.call("forward", manager, manager.ones(new Shape(16, 16, 32, 32)));
            });
    call.setDaemon(true);
    call.start();
    while (call.isAlive() && !isInForward(call)) {
      Thread.onSpinWait();
    }
    return call;
  }

  private static boolean isInForward(Thread call) {
    return List.of(call.getStackTrace()).stream()
        .anyMatch(frame -> frame.getMethodName().equals("moduleRunMethod"));
  }
}

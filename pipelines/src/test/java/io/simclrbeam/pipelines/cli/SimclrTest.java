package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.ForkedJvm;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class SimclrTest {
  /** As where no more files can be opened, so that the class is missing that reports failures. */
  static final class Broken {
    public static void main(String[] arguments) {
      new Thread(Broken::waitForever).start(); // as a runner's
      System.setOut(
          new PrintStream(OutputStream.nullOutputStream()) {
            @Override
            public void flush() {
              throw new NoClassDefFoundError("on purpose");
            }
          });
      Simclr.main(new String[] {"--version"});
    }

    private static void waitForever() {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** As Flink's hook, where a socket could not be closed. */
  static final class Lingering {
    public static void main(String[] arguments) {
      Runtime.getRuntime().addShutdownHook(new Thread(Broken::waitForever));
      Simclr.main(new String[] {"no-such-command"}, Duration.ofSeconds(1));
    }
  }

  @Test
  void aShutdownHookThatHangsIsNotWaitedForLong() throws Exception {
    ForkedJvm jvm = ForkedJvm.run(Lingering.class, Map.of());
    assertThat(jvm.exitCode()).as(jvm.output()).isEqualTo(2);
  }

  @Test
  void theProcessEndsWhateverHappens() throws Exception {
    ForkedJvm jvm = ForkedJvm.run(Broken.class, Map.of());
    assertThat(jvm.exitCode()).as(jvm.output()).isOne();
    assertThat(jvm.output()).contains("on purpose");
  }
}

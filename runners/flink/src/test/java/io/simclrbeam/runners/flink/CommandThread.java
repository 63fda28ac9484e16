package io.simclrbeam.runners.flink;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.simclrbeam.pipelines.cli.Simclr;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A command in this process, which starts faster than a process. One runs after another. */
final class CommandThread implements RunningCommand {
  private static final ExecutorService THREAD =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread thread = new Thread(work, "command");
            thread.setDaemon(true);
            return thread;
          });

  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final CompletableFuture<Integer> exitCode;

  private CommandThread(String... arguments) {
    exitCode = CompletableFuture.supplyAsync(() -> run(arguments), THREAD);
  }

  /** Runs a command as {@code bin/simclr} does. */
  static CommandThread start(String... arguments) {
    return new CommandThread(arguments);
  }

  private int run(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    PrintStream here = new PrintStream(output, true, UTF_8);
    System.setOut(here);
    System.setErr(here);
    try {
      return Simclr.run(arguments);
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  @Override
  public boolean isAlive() {
    return !exitCode.isDone();
  }

  @Override
  public int exitCode() throws InterruptedException {
    try {
      return exitCode.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public String output() {
    return output.toString(UTF_8);
  }
}

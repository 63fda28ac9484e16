package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.runner.BeamArguments;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The program {@code simclr}. */
@Command(
    name = "simclr",
    description =
        "Trains image encoders without labels (SimCLR) and embeds images, on Apache Beam.",
    subcommands = {
      SampleCommand.class,
      IndexCommand.class,
      ViewsCommand.class,
      TrainCommand.class,
      WatchCommand.class,
      EmbedCommand.class,
      ShowCommand.class,
      DiffCommand.class,
      ExportCommand.class,
      PublishCommand.class,
      CompactCommand.class,
      VacuumCommand.class,
      EvaluateCommand.class,
      ReportCommand.class,
      DedupCommand.class,
      NeighborsCommand.class,
      DoctorCommand.class,
      TemplateCommand.class,
      CompletionCommand.class,
      CommandLine.HelpCommand.class
    },
    footer = {
      "",
      "@FILE stands for the arguments in a file, one a line. Lines that begin with # are comments."
    },
    versionProvider = Version.class,
    optionListHeading = "Options")
public final class Simclr {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this text and exit")
  boolean help;

  @Option(names = "--version", versionHelp = true, description = "Show versions and exit")
  boolean version;

  /** What may take longest at the end is a step of training and its checkpoint. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** Runs one command and exits: {@link #main(String[], Duration)}. */
  public static void main(String[] arguments) {
    main(arguments, PATIENCE);
  }

  /**
   * Runs one command and exits: threads of a runner must not keep the process alive, whatever
   * happens. Where no more files can be opened, even a class may be missing, or a runner's shutdown
   * hook may wait for a socket that cannot be closed.
   *
   * @param patience how long shutdown hooks may take
   */
  @SuppressWarnings("CatchAndPrintStackTrace") // there may be no class to say it better
  static void main(String[] arguments, Duration patience) {
    AtomicInteger exitCode = new AtomicInteger(ExitCode.FAILED.code());
    try {
      boundEnd(exitCode, patience);
      BeamArguments.ownFactory();
      exitCode.set(run(arguments));
    } catch (Throwable e) {
      e.printStackTrace();
    } finally {
      System.exit(exitCode.get());
    }
  }

  /** Made ahead, as no class can be loaded where no file can be opened. */
  private static void boundEnd(AtomicInteger exitCode, Duration patience) {
    long millis = patience.toMillis();
    Thread end =
        new Thread(
            () -> {
              try {
                Thread.sleep(millis);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              Runtime.getRuntime().halt(exitCode.get());
            });
    end.setDaemon(true);
    Runtime.getRuntime().addShutdownHook(new Thread(end::start));
  }

  /** Runs one command and returns its exit code. */
  public static int run(String... arguments) {
    PrintWriter out = new PrintWriter(System.out, true, Charset.defaultCharset());
    PrintWriter err = new PrintWriter(System.err, true, Charset.defaultCharset());
    int exitCode = run(out, err, arguments);
    out.flush();
    err.flush();
    return exitCode;
  }

  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    String[] all = ArgumentFiles.expand(arguments);
    LogFormat.choose(all);
    return commandLine().setOut(out).setErr(err).execute(all);
  }

  /** Returns the parser of all commands. */
  static CommandLine commandLine() {
    CommandLine root = new CommandLine(new Simclr());
    root.setUnmatchedArgumentsAllowed(true);
    root.setUnmatchedOptionsAllowedAsOptionParameters(false);
    root.setExpandAtFiles(false);
    root.setExecutionStrategy(Invocation::execute);
    HelpText.layOut(root.getCommandSpec());
    for (CommandLine command : root.getSubcommands().values()) {
      if (command.getCommandSpec().helpCommand()) {
        continue;
      }
      command.getCommandSpec().parser().collectErrors(true);
      HelpText.layOut(command.getCommandSpec());
    }
    return root;
  }
}

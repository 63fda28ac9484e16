package io.simclrbeam.pipelines.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options of every command. */
@Command(optionListHeading = "Help")
final class GeneralOptions {
  static final String STACKTRACE = "--stacktrace";

  @Option(
      names = LogFormat.OPTION,
      paramLabel = "FORMAT",
      description = "How to log: text, or json with an object on each line")
  String logFormat = LogFormat.TEXT;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this text and exit")
  boolean help;

  @Option(names = STACKTRACE, description = "On failure print where in the program it happened")
  boolean stacktrace;
}

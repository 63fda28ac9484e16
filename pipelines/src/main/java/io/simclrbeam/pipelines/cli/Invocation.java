package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.ExitCode;
import io.simclrbeam.pipelines.Spelling;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** One use of the command line, from parsed arguments to an exit code. */
final class Invocation {
  private static final Logger LOG = LoggerFactory.getLogger(Invocation.class);

  private final ParseResult parsed;
  private final PrintWriter out;
  private final PrintWriter err;

  private Invocation(ParseResult parsed) {
    this.parsed = parsed;
    out = parsed.commandSpec().commandLine().getOut();
    err = parsed.commandSpec().commandLine().getErr();
  }

  /** Does what the arguments ask for. */
  static int execute(ParseResult root) {
    try {
      Integer helped = CommandLine.executeHelpRequest(root);
      if (helped != null) {
        return helped;
      }
    } catch (ParameterException e) {
      // 'help' was asked about what is no command.
      Invocation all = new Invocation(root);
      String name = root.subcommand().matchedPositionalValue(0, "");
      return all.reportUsage(List.of(all.noCommand(name))).code();
    }
    boolean complete = root.hasSubcommand() && root.unmatched().isEmpty();
    return complete
        ? new Invocation(root.subcommand()).run().code()
        : new Invocation(root).reportNoCommand().code();
  }

  private ExitCode reportNoCommand() {
    List<String> problems = new ArrayList<>();
    for (String argument : parsed.unmatched()) {
      problems.add(
          argument.startsWith(ArgumentFiles.SIGN)
              ? noFile(argument)
              : argument.startsWith("-")
                  ? unknownOption(argument, ownNames())
                  : noCommand(argument));
    }
    if (problems.isEmpty()) {
      parsed.commandSpec().commandLine().usage(err);
      return ExitCode.USAGE;
    }
    return reportUsage(problems);
  }

  private String noCommand(String name) {
    return "there is no command '%s'%s"
        .formatted(name, suggestion(name, parsed.commandSpec().subcommands().keySet()));
  }

  private ExitCode run() {
    CliCommand command = (CliCommand) parsed.commandSpec().userObject();
    Checks checks = new Checks();
    parsed.errors().forEach(error -> reportParseError(error, checks));
    for (String argument : parsed.originalArgs()) {
      checkText(argument, checks);
      if (argument.startsWith(ArgumentFiles.SIGN)) {
        checks.problem(noFile(argument));
      }
    }
    checks.choice(
        LogFormat.OPTION,
        parsed.matchedOptionValue(LogFormat.OPTION, LogFormat.TEXT),
        LogFormat.NAMES);
    List<String> beamArguments = takeBeamArguments(command, checks);
    try {
      CliCommand.Work work = command.prepare(checks, beamArguments);
      if (!checks.problems().isEmpty()) {
        return reportUsage(checks.problems());
      }
      work.run(out);
      return ExitCode.DONE;
    } catch (Throwable e) { // Whatever it is, the user gets a message and an exit code.
      return reportFailure(e);
    }
  }

  /**
   * Java puts a certain sign in place of each byte that it cannot read, so the argument is lost.
   */
  private static void checkText(String argument, Checks checks) {
    if (argument.indexOf('\ufffd') >= 0) {
      checks.problem(
          "%s has bytes that are no text in this locale (%s); set LC_ALL=C.UTF-8, or write an --input as file:/PATH with %%E9 for such a byte"
              .formatted(argument, System.getProperty("sun.jnu.encoding")));
    }
  }

  private static void reportParseError(Exception error, Checks checks) {
    if (error instanceof MissingParameterException missing) {
      for (ArgSpec option : missing.getMissing()) {
        checks.problem(OptionGroup.label(option) + " is missing");
      }
    } else if (error instanceof OverwrittenOptionException overwritten) {
      checks.problem(
          ((OptionSpec) overwritten.getOverwritten()).longestName() + " is given more than once");
    } else {
      checks.problem(String.valueOf(error.getMessage()));
    }
  }

  /** Returns the arguments that are Beam's; those that are nobody's are problems. */
  private List<String> takeBeamArguments(CliCommand command, Checks checks) {
    if (parsed.unmatched().isEmpty()) {
      return List.of(); // Finding Beam's options takes time.
    }
    Set<String> beamNames = command.beamOptions().names();
    List<String> known = new ArrayList<>(ownNames());
    known.addAll(beamNames);
    Map<String, List<String>> accepted = new LinkedHashMap<>(); // by name
    for (String argument : parsed.unmatched()) {
      if (argument.startsWith(ArgumentFiles.SIGN)) {
        continue; // a problem that is known
      }
      if (!argument.startsWith("-")) {
        checks.problem("'%s' is not an option; options are --name=value".formatted(argument));
      } else if (!beamNames.contains(name(argument))) {
        checks.problem(unknownOption(argument, known));
      } else {
        BeamOptions.rejection(List.of(argument))
            .ifPresentOrElse(
                reason -> checks.problem("Beam does not accept %s: %s".formatted(argument, reason)),
                () ->
                    accepted
                        .computeIfAbsent(name(argument), name -> new ArrayList<>())
                        .add(argument));
      }
    }
    accepted.forEach(
        (name, arguments) -> {
          if (BeamOptions.rejection(arguments).isPresent()) {
            checks.problem(name + " is given more than once"); // alone, each was accepted
            arguments.subList(1, arguments.size()).clear();
          }
        });
    return accepted.values().stream().flatMap(List::stream).toList();
  }

  private static String noFile(String argument) {
    return "%s stands for a file of arguments, but there is no file %s that can be read as UTF-8"
        .formatted(argument, argument.substring(ArgumentFiles.SIGN.length()));
  }

  private List<String> ownNames() {
    return parsed.commandSpec().options().stream()
        .flatMap(option -> Stream.of(option.names()))
        .toList();
  }

  private static String unknownOption(String argument, List<String> known) {
    return "there is no option %s%s".formatted(name(argument), suggestion(name(argument), known));
  }

  private static String suggestion(String typed, Collection<String> names) {
    return Spelling.closest(typed, names).map(name -> "; did you mean " + name + "?").orElse("");
  }

  private static String name(String argument) {
    int equals = argument.indexOf('=');
    return equals < 0 ? argument : argument.substring(0, equals);
  }

  private ExitCode reportUsage(List<String> problems) {
    String command = parsed.commandSpec().qualifiedName();
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s: %s"
            .formatted(
                command, problems.size() == 1 ? "1 problem" : problems.size() + " problems"));
    problems.forEach(problem -> lines.add("  " + problem));
    lines.add("%s --help lists what is allowed.".formatted(command));
    complain(String.join(System.lineSeparator(), lines));
    return ExitCode.USAGE;
  }

  /** Says what is wrong where and how a reader of the log expects it. */
  private void complain(String text) {
    if (LogFormat.isJson()) {
      LOG.error(text);
    } else {
      err.println(LogFormat.eraseProgress() + text);
    }
  }

  private ExitCode reportFailure(Throwable thrown) {
    boolean stacktrace = parsed.hasMatchedOption(GeneralOptions.STACKTRACE);
    Failure failure = Failure.of(thrown);
    String text = "%s: %s".formatted(parsed.commandSpec().qualifiedName(), failure.message());
    if (stacktrace && LogFormat.isJson()) {
      LOG.error(text, thrown);
    } else {
      complain(text);
      if (stacktrace) {
        thrown.printStackTrace(err);
      } else if (!failure.expected()) {
        complain("Add %s to see where it happened.".formatted(GeneralOptions.STACKTRACE));
      }
    }
    return failure.exitCode();
  }
}

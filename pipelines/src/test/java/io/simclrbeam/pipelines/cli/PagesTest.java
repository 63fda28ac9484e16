package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParseResult;

/** Keeps the pages of the repository true: their links, their commands, what they quote. */
class PagesTest {
  /** Options of Beam's modules that are not on this module's class path. */
  private static final Set<String> BEAM_ELSEWHERE =
      Set.of(
          "--awsCredentialsProvider",
          "--awsRegion",
          "--diskSizeGb",
          "--endpoint",
          "--flinkMaster",
          "--hdfsConfiguration",
          "--executionRetryDelay",
          "--numberOfExecutionRetries",
          "--numberOfWorkerHarnessThreads",
          "--parallelism",
          "--project",
          "--region",
          "--s3ClientFactoryClass",
          "--s3UploadBufferSizeBytes",
          "--sdkContainerImage",
          "--sparkMaster",
          "--workerMachineType");

  /** Stands for arguments that a page leaves out. */
  private static final String AND_SO_ON = "...";

  private static final String RUNNER = "--runner=";
  private static final Pattern OPTION = Pattern.compile("--\\w+");

  private final Map<BeamOptions, Set<String>> beamNames = new EnumMap<>(BeamOptions.class);

  @Test
  void linksLeadSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    for (MarkdownPage page : MarkdownPage.all()) {
      for (String link : page.links()) {
        if (!link.matches("[a-z]+:.*") && !leadsSomewhere(page, link)) {
          broken.add("%s: %s".formatted(page, link));
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  private static boolean leadsSomewhere(MarkdownPage page, String link) throws IOException {
    int hash = link.indexOf('#');
    String path = hash < 0 ? link : link.substring(0, hash);
    Path target = path.isEmpty() ? page.file() : page.file().resolveSibling(path);
    return hash < 0
        ? Files.exists(target)
        : Files.isRegularFile(target)
            && MarkdownPage.read(target).anchors().contains(link.substring(hash + 1));
  }

  @Test
  void commandsAreAcceptedByTheCommandLine() throws IOException {
    List<String> problems = new ArrayList<>();
    int commands = 0;
    for (MarkdownPage page : MarkdownPage.all()) {
      for (List<String> command : page.commands()) {
        commands++;
        for (String problem : problems(command)) {
          problems.add("%s: %s: %s".formatted(page, String.join(" ", command), problem));
        }
      }
    }
    assertThat(commands).isPositive();
    assertThat(problems).isEmpty();
  }

  /** Reads a command as the program does, but for the runner, and does not run it. */
  private List<String> problems(List<String> command) throws IOException {
    List<String> problems = new ArrayList<>();
    CommandLine simclr = Simclr.commandLine();
    CommandLine wanted = simclr.getSubcommands().get(command.get(0));
    if (wanted == null) {
      return List.of("there is no command " + command.get(0));
    }
    List<String> arguments = new ArrayList<>();
    for (String argument : command) {
      if (argument.startsWith(RUNNER)) {
        String runner = argument.substring(RUNNER.length());
        if (!Files.isDirectory(MarkdownPage.ROOT.resolve("runners").resolve(runner))) {
          problems.add("there is no runner " + runner);
        }
      } else if (!argument.equals(AND_SO_ON)) {
        arguments.add(argument);
      }
    }
    if (wanted.getCommandSpec().findOption("--runner") != null) {
      arguments.add(RUNNER + "direct"); // the only one of these tests
    }
    boolean complete = !command.contains(AND_SO_ON);
    ParseResult parsed = simclr.parseArgs(arguments.toArray(String[]::new)).subcommand();
    parsed.errors().stream()
        .filter(error -> complete || !(error instanceof MissingParameterException))
        .forEach(error -> problems.add(String.valueOf(error.getMessage())));
    CliCommand user = (CliCommand) parsed.commandSpec().userObject();
    for (String argument : parsed.unmatched()) {
      String name = argument.replaceFirst("=.*", "");
      boolean ofBeam = user.beamOptions() != BeamOptions.NONE && BEAM_ELSEWHERE.contains(name);
      if (!ofBeam && !beamNames(user.beamOptions()).contains(name)) {
        problems.add("there is no option " + argument);
      }
    }
    if (complete && !parsed.isUsageHelpRequested()) {
      Checks checks = new Checks();
      user.prepare(checks, List.of());
      checks.problems().stream()
          .filter(problem -> !problem.startsWith("no runner of this build has templates"))
          .forEach(problems::add);
    }
    return problems;
  }

  /** Finding them takes a second. */
  private Set<String> beamNames(BeamOptions options) {
    return beamNames.computeIfAbsent(options, BeamOptions::names);
  }

  @Test
  void optionsInSentencesAreThere() throws IOException {
    Set<String> known = new HashSet<>(BeamOptions.ALL.names());
    known.addAll(BEAM_ELSEWHERE);
    known.add("--version");
    for (CommandLine command : Simclr.commandLine().getSubcommands().values()) {
      command.getCommandSpec().options().forEach(option -> known.add(option.longestName()));
    }
    List<String> unknown = new ArrayList<>();
    Set<String> named = new HashSet<>();
    for (MarkdownPage page : MarkdownPage.all()) {
      for (String span : page.spans()) {
        if (span.startsWith("--")) {
          OPTION.matcher(span).results().forEach(option -> named.add(option.group()));
          OPTION
              .matcher(span)
              .results()
              .filter(option -> !known.contains(option.group()))
              .forEach(option -> unknown.add("%s: %s".formatted(page, span)));
        }
      }
    }
    assertThat(named).contains("--input");
    assertThat(unknown).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "ARCHITECTURE.md"})
  void firstPagesAreShort(String name) throws IOException {
    assertThat(Files.size(MarkdownPage.ROOT.resolve(name))).isLessThanOrEqualTo(8000);
  }

  @Test
  void theQuotedLoopIsThatOfTheTest() throws IOException {
    Path source =
        MarkdownPage.ROOT.resolve(
            "transforms/src/test/java/io/simclrbeam/transforms/training/TrainSimclrTest.java");
    List<String> quotes =
        MarkdownPage.read(MarkdownPage.ROOT.resolve("ARCHITECTURE.md")).blocks("java");

    assertThat(quotes).hasSize(1);
    assertThat(Files.readString(source).replaceAll("\\s", ""))
        .contains(quotes.get(0).replaceAll("\\s", ""));
  }
}

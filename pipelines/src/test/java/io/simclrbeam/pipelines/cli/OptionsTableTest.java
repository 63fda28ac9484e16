package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.ExitCode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Keeps the commands, options and exit codes of docs/reference.md as the program has them. */
class OptionsTableTest {
  private static final String HEADER = "| option | default | meaning |\n|---|---|---|\n";

  /** Has a section that nothing generates. */
  private static final String BEAM = "Shared: Beam";

  private final List<CommandLine> commands =
      Simclr.commandLine().getSubcommands().values().stream()
          .filter(command -> !command.getCommandSpec().helpCommand())
          .toList();

  /** By heading and row: the commands that have the row, in the order of the help. */
  private final Map<String, Map<String, List<String>>> uses = new LinkedHashMap<>();

  OptionsTableTest() {
    for (CommandLine command : commands) {
      for (OptionGroup group : OptionGroup.of(command.getCommandSpec())) {
        for (OptionSpec option : group.options()) {
          uses.computeIfAbsent(group.heading(), heading -> new LinkedHashMap<>())
              .merge(row(option), List.of(command.getCommandName()), OptionsTableTest::concat);
        }
      }
    }
  }

  @Test
  void listsTheOptionsOfEachCommand() throws IOException {
    StringBuilder text = new StringBuilder("\n");
    commands.forEach(command -> text.append(section(command.getCommandSpec())));
    new GeneratedPart("commands").shouldBe(text.toString());
  }

  @Test
  void listsOptionsOfSeveralCommandsOnce() throws IOException {
    StringBuilder text = new StringBuilder("\n");
    uses.forEach(
        (heading, rows) -> {
          String table =
              rows.entrySet().stream()
                  .filter(row -> row.getValue().size() > 1)
                  .map(row -> row.getKey() + commandLinks(row.getValue()) + " |\n")
                  .collect(Collectors.joining());
          if (!table.isEmpty()) {
            text.append("### %s\n\n".formatted(sharedTitle(heading)))
                .append("| option | default | meaning | commands |\n|---|---|---|---|\n")
                .append(table)
                .append("\n");
          }
        });
    new GeneratedPart("shared options").shouldBe(text.toString());
  }

  @Test
  void listsTheExitCodes() throws IOException {
    Map<String, String> meanings =
        Simclr.commandLine().getCommandSpec().usageMessage().exitCodeList();
    StringBuilder text = new StringBuilder("\n| code | meaning |\n|---|---|\n");
    for (ExitCode code : ExitCode.values()) {
      text.append(
          "| %d | %s |\n".formatted(code.code(), meanings.get(Integer.toString(code.code()))));
    }
    new GeneratedPart("exit codes").shouldBe(text.append("\n").toString());
  }

  private String section(CommandSpec command) {
    StringBuilder own = new StringBuilder();
    Set<String> shared = new LinkedHashSet<>();
    command
        .positionalParameters()
        .forEach(
            argument ->
                own.append(
                    "| `%s` | required | %s |\n"
                        .formatted(argument.paramLabel(), argument.description()[0])));
    for (OptionGroup group : OptionGroup.of(command)) {
      String heading = own.isEmpty() ? "" : "| **%s** | | |\n".formatted(group.heading());
      for (OptionSpec option : group.options()) {
        if (usesOf(group, option).size() > 1) {
          shared.add(link(sharedTitle(group.heading()), group.heading()));
        } else {
          own.append(heading).append(row(option)).append("\n");
          heading = "";
        }
      }
    }
    StringBuilder text = new StringBuilder();
    text.append(
        "### %s\n\n%s\n\n".formatted(command.name(), command.usageMessage().description()[0]));
    if (!own.isEmpty()) {
      text.append(HEADER).append(own).append("\n");
    }
    switch (((CliCommand) command.userObject()).beamOptions()) {
      case NONE -> {}
      case OF_FILE_SYSTEMS -> shared.add(link(BEAM, "Beam's file systems"));
      case ALL -> shared.add(link(BEAM, "Beam"));
    }
    return text.append("Shared options: %s.\n\n".formatted(String.join(", ", shared))).toString();
  }

  private List<String> usesOf(OptionGroup group, OptionSpec option) {
    return uses.getOrDefault(group.heading(), Map.of()).getOrDefault(row(option), List.of());
  }

  private String commandLinks(List<String> names) {
    return names.size() == commands.size()
        ? " all"
        : " " + names.stream().map(name -> link(name, name)).collect(Collectors.joining(", "));
  }

  private static String sharedTitle(String heading) {
    return "Shared: " + heading;
  }

  private static String link(String title, String text) {
    return "[%s](#%s)"
        .formatted(text, title.toLowerCase(Locale.ROOT).replace(":", "").replace(' ', '-'));
  }

  private static List<String> concat(List<String> some, List<String> others) {
    return Stream.concat(some.stream(), others.stream()).toList();
  }

  /** A row that is open to a further column. */
  private static String row(OptionSpec option) {
    String value =
        option.required()
            ? "required"
            : OptionGroup.defaultValue(option)
                .filter(text -> !text.isEmpty())
                .map(text -> "`" + text + "`")
                .orElse("");
    return "| `%s` | %s | %s |"
        .formatted(
            OptionGroup.label(option),
            value,
            OptionGroup.description(option).replace("|", "\\|").replace("*", "\\*"));
  }
}

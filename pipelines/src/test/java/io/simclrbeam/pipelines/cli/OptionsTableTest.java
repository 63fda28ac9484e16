package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Keeps the README's table of options as the program has them. */
class OptionsTableTest {
  private static final Path README = Path.of("..", "README.md");
  private static final String BEGIN = "<!-- options -->\n";
  private static final String END = "<!-- end of options -->";

  @Test
  void theReadmeListsTheOptions() throws IOException {
    String readme = Files.readString(README);
    assertThat(readme).containsSubsequence(BEGIN, END);
    int begin = readme.indexOf(BEGIN) + BEGIN.length();
    int end = readme.indexOf(END, begin);
    String expected = readme.substring(0, begin) + "\n" + table() + "\n" + readme.substring(end);

    if (Boolean.getBoolean("updateDocs")) {
      Files.writeString(README, expected);
    }

    assertThat(Files.readString(README)).as("README.md; ./dev docs updates it").isEqualTo(expected);
  }

  private static String table() {
    StringBuilder table = new StringBuilder();
    for (CommandLine command : Simclr.commandLine().getSubcommands().values()) {
      table.append(
          "| `%s` | default | meaning |\n|---|---|---|\n".formatted(command.getCommandName()));
      command
          .getCommandSpec()
          .positionalParameters()
          .forEach(
              argument ->
                  table.append(
                      "| `%s` | required | %s |\n"
                          .formatted(argument.paramLabel(), argument.description()[0])));
      for (OptionGroup group : OptionGroup.of(command.getCommandSpec())) {
        for (OptionSpec option : group.options()) {
          table.append(row(option));
        }
      }
      table.append("\n");
    }
    return table.toString().strip() + "\n";
  }

  private static String row(OptionSpec option) {
    String value =
        option.required()
            ? "required"
            : OptionGroup.defaultValue(option).map(text -> "`" + text + "`").orElse("");
    return "| `%s` | %s | %s |\n"
        .formatted(
            OptionGroup.label(option),
            value,
            OptionGroup.description(option).replace("|", "\\|").replace("*", "\\*"));
  }
}

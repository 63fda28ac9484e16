package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.ExitCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Lays out what {@code --help} shows. */
final class HelpText {
  private static final int LABEL_WIDTH = 26;

  private HelpText() {}

  /** Lays out the help of one command. */
  static void layOut(CommandSpec command) {
    UsageMessageSpec usage = command.usageMessage();
    usage.descriptionHeading("%n");
    usage.commandListHeading("%nCommands%n");
    usage.customSynopsis(synopsis(command));
    usage.exitCodeListHeading("%nExit codes%n");
    usage.exitCodeList(exitCodes());
    usage.sectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpText::options);
    List<String> sections = new ArrayList<>(usage.sectionKeys());
    sections.remove(UsageMessageSpec.SECTION_KEY_OPTION_LIST_HEADING);
    usage.sectionKeys(sections);
  }

  private static String synopsis(CommandSpec command) {
    if (!command.subcommands().isEmpty()) {
      return command.qualifiedName() + " COMMAND [OPTION ...]";
    }
    StringJoiner synopsis = new StringJoiner(" ");
    synopsis.add(command.qualifiedName());
    command.positionalParameters().forEach(argument -> synopsis.add(argument.paramLabel()));
    command.options().stream()
        .filter(OptionSpec::required)
        .forEach(option -> synopsis.add(OptionGroup.label(option)));
    return synopsis.add("[OPTION ...]").toString();
  }

  private static String options(Help help) {
    StringBuilder text = new StringBuilder();
    int width = help.commandSpec().usageMessage().width();
    for (OptionGroup group : OptionGroup.of(help.commandSpec())) {
      TextTable table =
          TextTable.forColumns(
              help.colorScheme(),
              new Column(LABEL_WIDTH, 2, Overflow.SPAN),
              new Column(width - LABEL_WIDTH, 1, Overflow.WRAP));
      for (OptionSpec option : group.options()) {
        table.addRowValues(OptionGroup.label(option), describe(option));
      }
      text.append("%n%s%n".formatted(group.heading())).append(table);
    }
    if (help.commandSpec().userObject() instanceof CliCommand command) {
      command.beamOptions().help().ifPresent(more -> text.append("%n%s%n".formatted(more)));
    }
    return text.toString();
  }

  private static String describe(OptionSpec option) {
    String description = OptionGroup.description(option);
    if (option.required()) {
      return description + " (required)";
    }
    return OptionGroup.defaultValue(option)
        .map(value -> "%s (default: %s)".formatted(description, value))
        .orElse(description);
  }

  private static Map<String, String> exitCodes() {
    Map<String, String> meanings = new LinkedHashMap<>();
    for (ExitCode code : ExitCode.values()) {
      meanings.put(Integer.toString(code.code()), meaning(code));
    }
    return meanings;
  }

  private static String meaning(ExitCode code) {
    return switch (code) {
      case DONE -> "done";
      case FAILED -> "anything that no other code stands for";
      case USAGE -> "wrong usage or configuration; every problem is listed";
      case UNUSABLE_INPUT ->
          "input unusable: nothing matched, too many images were rejected, or a file is damaged";
      case DIVERGED -> "training diverged or collapsed";
      case HELD_BACK -> "a quality gate held back publication";
    };
  }
}

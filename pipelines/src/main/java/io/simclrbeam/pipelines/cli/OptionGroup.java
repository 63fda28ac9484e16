package io.simclrbeam.pipelines.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Options that are shown together, under a heading: those of a command itself, and those of its
 * mixins.
 */
record OptionGroup(String heading, List<OptionSpec> options) {
  /** Returns the groups of a command, its own options first. */
  static List<OptionGroup> of(CommandSpec command) {
    Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
    List<OptionSpec> own = new ArrayList<>(command.options());
    command.mixins().values().forEach(mixin -> own.removeAll(mixin.options()));
    if (!own.isEmpty()) {
      groups.put(command.usageMessage().optionListHeading(), own);
    }
    for (CommandSpec mixin : command.mixins().values()) {
      groups
          .computeIfAbsent(mixin.usageMessage().optionListHeading(), heading -> new ArrayList<>())
          .addAll(mixin.options());
    }
    return groups.entrySet().stream()
        .map(group -> new OptionGroup(group.getKey(), group.getValue()))
        .toList();
  }

  /** Returns an option as it is typed, such as {@code --seed=N}, or an argument's name. */
  static String label(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option)) {
      return argument.paramLabel();
    }
    return option.arity().max() == 0
        ? String.join(", ", option.names())
        : option.longestName() + "=" + option.paramLabel();
  }

  /** Returns what an option is for. */
  static String description(OptionSpec option) {
    return String.join(" ", option.description());
  }

  /** Returns the value that an option has if it is not given; empty if it has none. */
  static Optional<String> defaultValue(OptionSpec option) {
    return !option.required() && option.initialValue() instanceof String text && !text.isEmpty()
        ? Optional.of(text)
        : Optional.empty();
  }
}

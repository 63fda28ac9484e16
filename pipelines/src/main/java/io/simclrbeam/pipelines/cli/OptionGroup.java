package io.simclrbeam.pipelines.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Options that are shown together: those of a command itself, or those of one of its mixins, each
 * under its own heading.
 */
record OptionGroup(String heading, List<OptionSpec> options) {
  /** Returns the groups of a command, its own options first. */
  static List<OptionGroup> of(CommandSpec command) {
    List<OptionGroup> groups = new ArrayList<>();
    List<OptionSpec> own = new ArrayList<>(command.options());
    for (CommandSpec mixin : command.mixins().values()) {
      own.removeAll(mixin.options());
      groups.add(new OptionGroup(mixin.usageMessage().optionListHeading(), mixin.options()));
    }
    if (!own.isEmpty()) {
      groups.add(0, new OptionGroup(command.usageMessage().optionListHeading(), own));
    }
    return groups;
  }

  /** Returns an option as it is typed, such as {@code --seed=N}, or an argument's name. */
  static String label(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option)) {
      return argument.paramLabel();
    }
    String name = option.longestName();
    return option.arity().max() == 0 ? name : name + "=" + option.paramLabel();
  }

  /** Returns what an option is for. */
  static String description(OptionSpec option) {
    return String.join(" ", option.description());
  }

  /** Returns the value that an option has if it is not given; empty if it has none. */
  static Optional<String> defaultValue(OptionSpec option) {
    return !option.required() && option.initialValue() instanceof String text
        ? Optional.of(text)
        : Optional.empty();
  }
}

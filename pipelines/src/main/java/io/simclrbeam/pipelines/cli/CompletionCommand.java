package io.simclrbeam.pipelines.cli;

import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code simclr completion}. */
@Command(
    name = "completion",
    description = {
      "Prints a script that completes commands and options in bash and zsh.",
      "For bash: source <(simclr completion)"
    })
final class CompletionCommand implements CliCommand {
  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public Work prepare(Checks checks, List<String> beamArguments) {
    return out -> out.print(AutoComplete.bash("simclr", Simclr.commandLine()));
  }
}

package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.runner.BeamArguments;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Which options of Beam a command takes, of those that are on the class path. */
enum BeamOptions {
  NONE("", ""),

  /** Where files are and who reads them. Beam declares those of its own in other packages. */
  OF_FILE_SYSTEMS(
      "org\\.apache\\.beam\\.sdk\\.(io|extensions)\\..*",
      """
      Every option of Beam's file systems is accepted too, such as --awsRegion=REGION
      in a build with -Ps3."""),

  /** Those of Beam, of its runners and of its file systems. */
  ALL(
      ".*",
      """
      Every option of Beam and of the chosen runner is accepted too, such as
      --parallelism=4 or --flinkMaster=host:8081.""");

  private final Pattern declaredIn;
  private final String help;

  BeamOptions(String declaredIn, String help) {
    this.declaredIn = Pattern.compile(declaredIn);
    this.help = help;
  }

  /** Returns what the help of a command says of them. */
  Optional<String> help() {
    return help.isEmpty() ? Optional.empty() : Optional.of(help);
  }

  /** Returns their names, as {@code --name}, sorted. */
  Set<String> names() {
    return this == NONE
        ? Set.of()
        : BeamArguments.names(options -> declaredIn.matcher(options.getName()).matches());
  }

  /**
   * Returns why Beam does not accept arguments, if so.
   *
   * @param arguments as {@code --name=value}, with a name that Beam has
   */
  static Optional<String> rejection(List<String> arguments) {
    try {
      BeamArguments.parse(arguments);
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(String.valueOf(e.getMessage()).lines().findFirst().orElse("not accepted"));
    }
  }
}

package io.simclrbeam.pipelines.cli;

import java.beans.Introspector;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.options.PipelineOptionsRegistrar;

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

  private static final Pattern GETTER = Pattern.compile("(?:get|is)([A-Z].*)");

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
    Set<String> names = new TreeSet<>();
    if (this == NONE) {
      return names;
    }
    // Beam's factory knows them too, but takes a second or two to check them against each other.
    for (PipelineOptionsRegistrar registrar : ServiceLoader.load(PipelineOptionsRegistrar.class)) {
      for (Class<?> options : registrar.getPipelineOptions()) {
        for (Method method : options.getMethods()) {
          Matcher getter = GETTER.matcher(method.getName());
          if (getter.matches()
              && method.getParameterCount() == 0
              && declaredIn.matcher(method.getDeclaringClass().getName()).matches()) {
            names.add("--" + Introspector.decapitalize(getter.group(1)));
          }
        }
      }
    }
    return names;
  }

  /**
   * Returns why Beam does not accept arguments, if so.
   *
   * @param arguments as {@code --name=value}, with a name that Beam has
   */
  static Optional<String> rejection(String... arguments) {
    try {
      PipelineOptionsFactory.fromArgs(arguments).create();
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(String.valueOf(e.getMessage()).lines().findFirst().orElse("not accepted"));
    }
  }
}

package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.runner.CommandDescription;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** {@code simclr template}. */
@Command(
    name = "template",
    description =
        "In a build with -Pgcs, writes the description of embed as a flex template of Dataflow, which"
            + " schedulers start.",
    optionListHeading = "Template")
final class TemplateCommand implements FileCommand {
  /** The program in the image decides the first; a service has no use for the others. */
  private static final Set<String> LEFT_OUT = Set.of("--runner", "--help", "--stacktrace");

  @Option(
      names = "--image",
      required = true,
      paramLabel = "IMAGE",
      description = "Container image of the launcher, as runners/dataflow/Dockerfile makes it")
  @Nullable String image;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "JSON file for the description, such as gs://BUCKET/templates/embed.json")
  @Nullable String output;

  @Mixin GeneralOptions general = new GeneralOptions();

  @Override
  public Work prepare(Checks checks) {
    String launcher = checks.text("--image", image);
    String path = checks.outputFile("--output", output);
    CommandDescription embed = embed();
    Optional<byte[]> template =
        RunnerOption.setups().stream()
            .flatMap(setup -> setup.template(launcher, embed).stream())
            .findFirst();
    if (template.isEmpty()) {
      checks.problem("no runner of this build has templates; build with -Pgcs for Dataflow's");
    }
    return out -> {
      int name = path.lastIndexOf('/') + 1;
      new BeamFileStore(name == 0 ? "." : path.substring(0, name))
          .write(path.substring(name), file -> file.write(template.orElseThrow()));
      out.printf("Wrote %s.%n", path);
    };
  }

  private static CommandDescription embed() {
    CommandSpec embed = new CommandLine(new EmbedCommand()).getCommandSpec();
    List<CommandDescription.Option> options = new ArrayList<>();
    for (OptionGroup group : OptionGroup.of(embed)) {
      for (OptionSpec option : group.options()) {
        if (!LEFT_OUT.contains(option.longestName())) {
          options.add(describe(option));
        }
      }
    }
    return new CommandDescription("simclr embed", embed.usageMessage().description()[0], options);
  }

  private static CommandDescription.Option describe(OptionSpec option) {
    return new CommandDescription.Option(
        option.longestName().substring("--".length()),
        OptionGroup.label(option),
        OptionGroup.description(option),
        option.required(),
        OptionGroup.defaultValue(option).filter(value -> !value.isEmpty()).orElse(null));
  }
}

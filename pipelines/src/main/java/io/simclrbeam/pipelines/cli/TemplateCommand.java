package io.simclrbeam.pipelines.cli;

import io.simclrbeam.pipelines.template.FlexTemplate;
import io.simclrbeam.pipelines.template.FlexTemplate.Metadata;
import io.simclrbeam.pipelines.template.FlexTemplate.Parameter;
import java.util.ArrayList;
import java.util.List;
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
        "Writes the description of embed as a flex template of Dataflow, which schedulers start.",
    optionListHeading = "Template")
final class TemplateCommand implements FileCommand {
  /** What the image's program decides, or a service has no use for. */
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
    FlexTemplate template = FlexTemplate.of(checks.text("--image", image), embed());
    String file = checks.text("--output", output);
    return out -> {
      template.write(file);
      out.printf("Wrote %s.%n", file);
    };
  }

  private static Metadata embed() {
    CommandSpec embed = new CommandLine(new EmbedCommand()).getCommandSpec();
    List<Parameter> parameters = new ArrayList<>();
    for (OptionGroup group : OptionGroup.of(embed)) {
      for (OptionSpec option : group.options()) {
        if (!LEFT_OUT.contains(option.longestName())) {
          parameters.add(parameter(option));
        }
      }
    }
    return new Metadata("simclr embed", embed.usageMessage().description()[0], parameters);
  }

  private static Parameter parameter(OptionSpec option) {
    String name = option.longestName().substring("--".length());
    return new Parameter(
        name,
        OptionGroup.label(option),
        OptionGroup.description(option),
        !option.required(),
        OptionGroup.defaultValue(option).filter(value -> !value.isEmpty()).orElse(null));
  }
}

package io.simclrbeam.runners.dataflow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.simclrbeam.pipelines.cli.Simclr;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Does what Dataflow's launcher does with the flex template: it has embed's job written. */
final class FlexTemplateTest {
  @TempDir private Path folder;

  @BeforeEach
  void makeAModel() {
    simclr(0, "sample", "--output=" + path("images"), "--images=16", "--size=8");
    simclr(
        0,
        "train",
        "--runner=direct",
        "--input=" + path("images"),
        "--model=" + path("model"),
        "--imageSize=8",
        "--width=0.0625",
        "--batchSize=8",
        "--steps=0");
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private static void simclr(int exitCode, String... arguments) {
    assertThat(Simclr.run(arguments)).isEqualTo(exitCode);
  }

  private List<String> launcherArguments(Path template) {
    return List.of(
        "--project=project",
        "--region=europe-west1",
        "--jobName=nightly",
        "--tempLocation=gs://bucket/temp",
        "--gcpTempLocation=gs://bucket/temp",
        "--stagingLocation=gs://bucket/staging",
        "--runner=DataflowRunner",
        "--labels={\"goog-dataflow-provided-template-type\":\"flex\"}",
        "--templateLocation=" + template,
        // There is no Google here.
        "--credentialFactoryClass=org.apache.beam.sdk.extensions.gcp.auth.NoopCredentialFactory",
        "--pathValidatorClass=org.apache.beam.sdk.extensions.gcp.storage.NoopPathValidator",
        "--stagerClass=" + DataflowTemplateTest.FakeStager.class.getName());
  }

  @Test
  void theDescriptionNamesWhatEmbedTakes() throws IOException {
    simclr(0, "template", "--image=registry.example/simclr:1", "--output=" + path("embed.json"));

    JsonNode template = new ObjectMapper().readTree(folder.resolve("embed.json").toFile());
    assertThat(template.get("image").textValue()).isEqualTo("registry.example/simclr:1");
    assertThat(template.at("/sdkInfo/language").textValue()).isEqualTo("JAVA");
    List<String> required = new ArrayList<>();
    List<String> optional = new ArrayList<>();
    for (JsonNode parameter : template.at("/metadata/parameters")) {
      assertThat(parameter.get("label").textValue()).isNotBlank();
      assertThat(parameter.get("helpText").textValue()).isNotBlank();
      boolean left = parameter.get("isOptional").booleanValue();
      (left ? optional : required).add(parameter.get("name").textValue());
    }
    assertThat(required).containsExactlyInAnyOrder("model", "output");
    assertThat(optional)
        .contains("input", "manifest", "precision", "recordDeletions", "maxFrechet")
        .doesNotContain("runner", "help", "stacktrace");
  }

  @Test
  void theLauncherGetsTheJobAndLeavesTheRunToIt() throws IOException {
    Path job = folder.resolve("job.json");
    List<String> arguments = new ArrayList<>(launcherArguments(job));
    arguments.addAll(
        List.of(
            "--input=" + path("images"),
            "--model=" + path("model"),
            "--output=" + path("out"),
            "--recordDeletions=true"));

    simclr(0, DataflowMain.command(arguments.toArray(String[]::new)).toArray(String[]::new));

    assertThat(job).isNotEmptyFile();
    assertThat(runs())
        .singleElement()
        .satisfies(run -> assertThat(run.resolve("_RUNNING")).exists());
    // Another run leaves it alone: the job may be in progress.
    simclr(
        0,
        "embed",
        "--runner=direct",
        "--input=" + path("images"),
        "--model=" + path("model"),
        "--output=" + path("out"));
    assertThat(runs()).hasSize(2);
  }

  private List<Path> runs() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("out"))) {
      return files.filter(file -> file.getFileName().toString().startsWith("run=")).toList();
    }
  }

  @Test
  void whatIsSeveralJobsIsNoTemplate() {
    List<String> arguments = new ArrayList<>(launcherArguments(folder.resolve("job.json")));
    arguments.removeIf(argument -> argument.startsWith("--runner") || argument.startsWith("--lab"));
    arguments.addAll(
        0, List.of("train", "--runner=dataflow", "--input=" + path("images"), "--model=m"));

    PrintStream before = System.err;
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    System.setErr(new PrintStream(err, true, UTF_8));
    try {
      simclr(2, arguments.toArray(String[]::new));
    } finally {
      System.setErr(before);
    }
    assertThat(err.toString(UTF_8)).contains("1 problem", "nobody waits for jobs here");
  }
}

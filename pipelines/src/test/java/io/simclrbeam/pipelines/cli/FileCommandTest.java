package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FileCommandTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "show data",
        "export /data --output=file:/x.csv --model=m",
        "evaluate --train=a --test=b",
        "sample --output=images",
        "neighbors --embeddings=data --query=cats/1.jpg --output=near.json",
      })
  void filesOfThisMachineNeedNoOtherFileSystems(String arguments) {
    assertThat(isLocal(arguments)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "show gs://data",
        "export data --output=s3://x.csv",
        "export data --output=x.csv --model=hdfs://host/m",
        "evaluate --train=a --test=gs://b",
        "sample --output=gs://images",
        "neighbors --embeddings=data --query=gs://cats/1.jpg --model=m",
        "neighbors --embeddings=data --query=cats/1.jpg --sheet=near.png",
      })
  void othersAndASheetOfImagesFromAnywhereDo(String arguments) {
    assertThat(isLocal(arguments)).isFalse();
  }

  private static boolean isLocal(String arguments) {
    Object command =
        Simclr.commandLine()
            .parseArgs(arguments.split(" "))
            .subcommand()
            .commandSpec()
            .userObject();
    return ((FileCommand) command).isLocal();
  }
}

package io.simclrbeam.runners.spark;

import io.simclrbeam.pipelines.runner.JobKind;
import io.simclrbeam.pipelines.runner.RunnerSetup;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.apache.beam.runners.spark.SparkPipelineOptions;
import org.apache.beam.sdk.options.PipelineOptions;

/**
 * Runs jobs on Spark, inside this process unless {@code --sparkMaster} says otherwise, as batch:
 * {@link JobKind#PIPELINED} ones too, which are therefore cut into rounds.
 */
public final class SparkRunnerSetup implements RunnerSetup {
  private static final Pattern LOCAL = Pattern.compile("local(\\[.*])?");

  /**
   * Spark's default, Java's own serializer, holds on to the last hundred records of each file that
   * it reads, and a slice of views has up to 4 MB. Spark reads settings from system properties.
   */
  private static final Map<String, String> SETTINGS =
      Map.of("spark.serializer", "org.apache.spark.serializer.KryoSerializer");

  /**
   * If Spark is only this process, it needs no page on port 4040 and no ports that others can
   * reach.
   */
  private static final Map<String, String> LOCAL_SETTINGS =
      Map.of(
          "spark.ui.enabled", "false",
          "spark.driver.host", "127.0.0.1",
          "spark.driver.bindAddress", "127.0.0.1");

  /** Beam's default: what does not fit into memory is computed anew when it is used. */
  private static final String RECOMPUTE = "MEMORY_ONLY";

  @Override
  public String name() {
    return "spark";
  }

  /**
   * Spark sorts on disk what does not fit into memory. Twice as much as the heap was seen to work.
   */
  @Override
  public OptionalLong stageBytes() {
    return OptionalLong.of(Runtime.getRuntime().maxMemory());
  }

  @Override
  public boolean runsElsewhere(PipelineOptions options) {
    return !LOCAL.matcher(options.as(SparkPipelineOptions.class).getSparkMaster()).matches();
  }

  @Override
  public void configure(PipelineOptions options, JobKind kind) {
    SparkPipelineOptions spark = options.as(SparkPipelineOptions.class);
    spark.setRunner(KeyedSparkRunner.class);
    spark.setStreaming(false);
    if (spark.getStorageLevel().equals(RECOMPUTE)) {
      spark.setStorageLevel("MEMORY_AND_DISK");
    }
    SETTINGS.forEach(SparkRunnerSetup::setUnlessGiven);
    if (!runsElsewhere(options)) {
      LOCAL_SETTINGS.forEach(SparkRunnerSetup::setUnlessGiven);
      // Jars are not staged anywhere.
      if (spark.getFilesToStage() == null) {
        spark.setFilesToStage(List.of());
      }
    }
  }

  private static void setUnlessGiven(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }
}

package io.simclrbeam.runners.flink;

import com.fasterxml.jackson.databind.JsonNode;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.pipelines.runner.Finding;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.runtime.util.EnvironmentInformation;

/** Looks at a Flink session cluster through its REST API. */
final class ClusterCheck {
  private static final String GUIDE = "runners/flink/cluster/README.md";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Packages of native libraries and their bindings, which must be loaded once for all jobs. */
  private static final List<String> PARENT_FIRST =
      List.of("ai.djl.", "com.sun.jna.", "org.bytedeco.");

  private static final String OWN_CLASSES = "io.simclrbeam.";

  /** Names of jars without their version. If these are there, so are the others. */
  private static final List<String> LIBRARIES =
      List.of("beam-sdks-java-core-", "pytorch-engine-", "pytorch-jni-", "leptonica-");

  /** The name that the guide gives the external resource. */
  private static final String GPU = "gpu";

  private static final String OWN_LIBRARY = "simclr-beam-transforms-";

  /** Bytes for libtorch and the weights of a ResNet-50. */
  private static final long MIN_OFF_HEAP = 384L << 20;

  private static final long MIN_OFF_HEAP_OF_SLOT = 128L << 20;

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final String master;
  private final List<String> classPath;

  /**
   * Creates one.
   *
   * @param master host and REST port of the cluster
   * @param classPath of this process, whose jars are what the cluster should have
   */
  ClusterCheck(String master, String classPath) {
    this.master = master;
    this.classPath = names(Stream.of(classPath.split(File.pathSeparator)));
  }

  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    try {
      JsonNode overview = get("/overview");
      findings.add(version(overview.path("flink-version").asText()));
      findings.add(slots(overview));
      Map<String, String> settings = settings();
      List<String> libraries = libraries();
      for (String library : LIBRARIES) {
        findings.add(library(library, libraries));
      }
      findings.add(ownLibrary(libraries, settings));
      findings.add(parentFirst(settings));
      findings.add(restarts(settings));
      JsonNode taskManagers = get("/taskmanagers").path("taskmanagers");
      findings.addAll(memory(taskManagers));
      findings.add(gpus(taskManagers));
    } catch (IOException e) {
      findings.add(
          Finding.problem(
              "No Flink answers at %s: %s".formatted(master, reason(e)),
              "--flinkMaster is the host and the rest.port of the JobManager, usually 8081"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return findings;
  }

  private static String reason(IOException e) {
    return e.getMessage() != null ? e.getMessage() : "no connection";
  }

  private static Finding version(String theirs) {
    String ours = EnvironmentInformation.getVersion();
    return theirs.equals(ours)
        ? Finding.ok("The cluster is Flink " + theirs)
        : Finding.problem(
            "The cluster is Flink %s, but this is built with %s".formatted(theirs, ours),
            "use a cluster of %s".formatted(ours));
  }

  private static Finding slots(JsonNode overview) {
    int taskManagers = overview.path("taskmanagers").asInt();
    int all = overview.path("slots-total").asInt();
    int free = overview.path("slots-available").asInt();
    String what = "TaskManagers: %d, slots: %d, free: %d".formatted(taskManagers, all, free);
    if (all == 0) {
      return Finding.problem(what, "start TaskManagers");
    }
    return free > 0
        ? Finding.ok(what)
        : Finding.warning(what, "jobs wait until others end, or TaskManagers are added");
  }

  private Finding library(String name, List<String> theirs) {
    String ours = find(name, classPath);
    String found = find(name, theirs);
    if (found.isEmpty()) {
      return Finding.problem(
          "%s is not in the cluster's lib".formatted(name.substring(0, name.length() - 1)),
          "runners/flink/cluster/copy-lib FLINK_HOME/lib on every machine; see " + GUIDE);
    }
    return found.equals(ours)
        ? Finding.ok("lib has " + found)
        : Finding.problem(
            "lib has %s, but this is built with %s".formatted(found, ours),
            "replace the cluster's jars by those of this build; see " + GUIDE);
  }

  private Finding ownLibrary(List<String> theirs, Map<String, String> settings) {
    if (find(OWN_LIBRARY, theirs).isEmpty()) {
      return Finding.warning(
          "simclr-beam itself is not in lib: each job leaves 1 MB of metaspace behind",
          "runners/flink/cluster/copy-lib copies it too");
    }
    return patterns(settings).contains(OWN_CLASSES)
        ? Finding.ok("simclr-beam itself is in lib")
        : Finding.warning(
            "simclr-beam is in lib, but each job loads its own classes all the same",
            "add %s to classloader.parent-first-patterns.additional".formatted(OWN_CLASSES));
  }

  private static List<String> patterns(Map<String, String> settings) {
    return List.of(
        settings.getOrDefault("classloader.parent-first-patterns.additional", "").split("[;,]"));
  }

  private static Finding parentFirst(Map<String, String> settings) {
    List<String> missing =
        PARENT_FIRST.stream().filter(name -> !patterns(settings).contains(name)).toList();
    return missing.isEmpty()
        ? Finding.ok("Native libraries are loaded for all jobs at once")
        : Finding.problem(
            "The second job on a TaskManager will fail: its class loader cannot load native"
                + " libraries again",
            "add %s to classloader.parent-first-patterns.additional"
                .formatted(String.join(";", missing)));
  }

  private static Finding restarts(Map<String, String> settings) {
    String strategy =
        settings.getOrDefault(
            "restart-strategy.type", settings.getOrDefault("restart-strategy", "none"));
    return strategy.matches("none|off|disable")
        ? Finding.warning(
            "A batch job ends with the first TaskManager that is lost",
            "set restart-strategy.type; see " + GUIDE)
        : Finding.ok("Jobs restart after a loss: " + strategy);
  }

  private static List<Finding> memory(JsonNode taskManagers) {
    List<Finding> findings = new ArrayList<>();
    for (JsonNode taskManager : taskManagers) {
      long offHeap = taskManager.path("memoryConfiguration").path("taskOffHeap").asLong();
      int slots = taskManager.path("slotsNumber").asInt();
      long least = MIN_OFF_HEAP + slots * MIN_OFF_HEAP_OF_SLOT;
      if (offHeap < least) {
        findings.add(
            Finding.warning(
                "TaskManager %s sets %d MB aside for libtorch; embedding with a ResNet-50 in its %d slots takes about %d MB"
                    .formatted(taskManager.path("id").asText(), offHeap >> 20, slots, least >> 20),
                "taskmanager.memory.task.off-heap.size of 2g is enough to train a ResNet-50; without"
                    + " it a container may be killed for its memory"));
      }
    }
    if (findings.isEmpty()) {
      findings.add(Finding.ok("TaskManagers set memory aside for libtorch"));
    }
    return findings;
  }

  /** Only GPUs that are configured as external resources are known to Flink. */
  private static Finding gpus(JsonNode taskManagers) {
    int gpus = 0;
    for (JsonNode taskManager : taskManagers) {
      gpus += taskManager.path("totalResource").path("extendedResources").path(GPU).asInt();
    }
    return Finding.ok(
        gpus == 0
            ? "TaskManagers declare no GPU; --device=auto uses one all the same if libtorch sees it"
            : "GPUs that TaskManagers declare: %d".formatted(gpus));
  }

  private Map<String, String> settings() throws IOException, InterruptedException {
    Map<String, String> settings = new HashMap<>();
    for (JsonNode setting : get("/jobmanager/config")) {
      settings.put(setting.path("key").asText(), setting.path("value").asText());
    }
    return settings;
  }

  private List<String> libraries() throws IOException, InterruptedException {
    List<String> entries = new ArrayList<>();
    for (JsonNode entry : get("/jobmanager/environment").path("classpath")) {
      entries.add(entry.asText());
    }
    return names(entries.stream());
  }

  private static List<String> names(Stream<String> entries) {
    return entries
        .filter(entry -> !entry.isEmpty())
        .map(entry -> String.valueOf(Path.of(entry).getFileName()))
        .toList();
  }

  private static String find(String name, List<String> jars) {
    return jars.stream().filter(jar -> jar.startsWith(name)).findFirst().orElse("");
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + master + path)).timeout(PATIENCE).build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException("%s answers with status %d".formatted(path, answer.statusCode()));
    }
    return Json.MAPPER.readTree(answer.body());
  }
}

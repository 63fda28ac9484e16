package io.simclrbeam.runners.flink;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Flink session cluster on loopback: a JobManager and TaskManagers as processes of their own. As
 * on a cluster set up after the guide, its class path is all jars but this project's.
 */
final class FlinkCluster implements AutoCloseable {
  private static final String ADDRESS = InetAddress.getLoopbackAddress().getHostAddress();
  private static final int SLOTS = 2;
  private static final Set<String> ENDED = Set.of("FINISHED", "FAILED", "CANCELED");

  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("jobmanager.rpc.address", ADDRESS),
          Map.entry("jobmanager.bind-host", ADDRESS),
          Map.entry("jobmanager.memory.process.size", "900m"),
          Map.entry("rest.address", ADDRESS),
          Map.entry("rest.bind-address", ADDRESS),
          Map.entry("taskmanager.host", ADDRESS),
          Map.entry("taskmanager.bind-host", ADDRESS),
          Map.entry("taskmanager.numberOfTaskSlots", "" + SLOTS),
          Map.entry("taskmanager.cpu.cores", "1.0"),
          Map.entry("taskmanager.memory.task.heap.size", "700m"),
          Map.entry("taskmanager.memory.task.off-heap.size", "256m"),
          Map.entry("taskmanager.memory.managed.size", "256m"),
          Map.entry("taskmanager.memory.network.min", "256m"),
          Map.entry("taskmanager.memory.network.max", "256m"),
          // Two jobs at a time, or one on what is left of the cluster, have many sorts.
          Map.entry("taskmanager.network.sort-shuffle.min-buffers", "128"),
          Map.entry("taskmanager.memory.framework.heap.size", "128m"),
          Map.entry("taskmanager.memory.framework.off-heap.size", "128m"),
          Map.entry("taskmanager.memory.jvm-metaspace.size", "256m"),
          Map.entry("taskmanager.memory.jvm-overhead.min", "192m"),
          Map.entry("taskmanager.memory.jvm-overhead.max", "192m"),
          // A loss is noticed in seconds rather than in the usual minute.
          Map.entry("heartbeat.interval", "1000"),
          Map.entry("heartbeat.timeout", "5000"),
          // What runs is seen at once rather than as it was up to three seconds before.
          Map.entry("web.refresh-interval", "100"),
          // A client gives up in seconds rather than in a minute.
          Map.entry("rest.retry.max-attempts", "4"),
          Map.entry("metrics.fetcher.update-interval", "200"),
          Map.entry("restart-strategy.type", "fixed-delay"),
          // On a busy machine a task is sent to a dead TaskManager a few times before it is missed.
          Map.entry("restart-strategy.fixed-delay.attempts", "50"),
          Map.entry("restart-strategy.fixed-delay.delay", "2s"),
          Map.entry(
              "classloader.parent-first-patterns.additional",
              "ai.djl.;com.sun.jna.;org.bytedeco."));

  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private final Path folder;
  private final int rpcPort;
  private final int restPort;
  private Process jobManager;
  private final Map<String, Process> taskManagers = new HashMap<>();

  private FlinkCluster(Path folder) throws IOException {
    this.folder = folder;
    rpcPort = freePort();
    restPort = freePort();
    jobManager = startJobManager();
  }

  private Process startJobManager() throws IOException {
    return start(
        "jobmanager",
        "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
        "-Xmx600m");
  }

  /** Starts a cluster with TaskManagers of these names. */
  static FlinkCluster start(Path folder, String... taskManagers)
      throws IOException, InterruptedException {
    FlinkCluster cluster = new FlinkCluster(folder);
    for (String name : taskManagers) {
      cluster.startTaskManager(name);
    }
    cluster.awaitTaskManagers(taskManagers.length);
    return cluster;
  }

  private void awaitTaskManagers(int count) throws IOException, InterruptedException {
    while (taskManagersThere().size() < count) {
      rest("/overview"); // which says what is wrong, once it answers
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** Returns what {@code --flinkMaster} takes. */
  String master() {
    return ADDRESS + ":" + restPort;
  }

  /** Returns a folder with a configuration for clients. */
  Path configuration() {
    return folder.resolve("conf-jobmanager");
  }

  void startTaskManager(String name) throws IOException {
    taskManagers.put(
        name,
        start(
            name,
            "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
            "-Xmx828m",
            "-XX:MaxDirectMemorySize=640m"));
  }

  List<String> taskManagerNames() {
    return taskManagers.keySet().stream().sorted().toList();
  }

  long pid(String taskManager) {
    return taskManagers.get(taskManager).pid();
  }

  long jobManagerPid() {
    return jobManager.pid();
  }

  /** Ends a TaskManager as {@code kill -9} does. */
  void kill(String name) throws InterruptedException {
    taskManagers.remove(name).destroyForcibly().waitFor();
  }

  /** Ends the JobManager as {@code kill -9} does. */
  void killJobManager() throws InterruptedException {
    jobManager.destroyForcibly().waitFor();
  }

  /**
   * Starts a JobManager in the place of a killed one, and waits for the TaskManagers to find it.
   */
  void replaceJobManager() throws IOException, InterruptedException {
    jobManager = startJobManager();
    awaitTaskManagers(taskManagers.size());
  }

  /** Uploads a jar; returns the id under which it is run. */
  String upload(Path jar) throws IOException, InterruptedException {
    String boundary = "simclr";
    byte[] head =
        "--%s\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"%s\"\r\nContent-Type: application/x-java-archive\r\n\r\n"
            .formatted(boundary, jar.getFileName())
            .getBytes(UTF_8);
    byte[] tail = "\r\n--%s--\r\n".formatted(boundary).getBytes(UTF_8);
    HttpRequest upload =
        HttpRequest.newBuilder(URI.create("http://%s/jars/upload".formatted(master())))
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(
                HttpRequest.BodyPublishers.concat(
                    HttpRequest.BodyPublishers.ofByteArray(head),
                    HttpRequest.BodyPublishers.ofFile(jar),
                    HttpRequest.BodyPublishers.ofByteArray(tail)))
            .build();
    String answer = http.send(upload, HttpResponse.BodyHandlers.ofString()).body();
    JsonNode name = json.readTree(answer).path("filename");
    if (name.isMissingNode()) {
      throw new IOException(answer);
    }
    return Path.of(name.asText()).getFileName().toString();
  }

  /** Runs an uploaded jar, and waits for the job if one comes of it; returns the answer. */
  String runJar(String jar, String... arguments) throws IOException, InterruptedException {
    ObjectNode body = json.createObjectNode();
    ArrayNode programArguments = body.putArray("programArgsList");
    Stream.of(arguments).forEach(programArguments::add);
    HttpRequest run =
        HttpRequest.newBuilder(URI.create("http://%s/jars/%s/run".formatted(master(), jar)))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    String answer = http.send(run, HttpResponse.BodyHandlers.ofString()).body();
    String job = json.readTree(answer).path("jobid").asText();
    String state = job.isEmpty() ? "FAILED" : "CREATED";
    while (!ENDED.contains(state)) {
      state = rest("/jobs/" + job).path("state").asText();
    }
    return answer;
  }

  /** Cancels the running job. */
  void cancel() throws IOException, InterruptedException {
    for (JsonNode job : rest("/jobs").path("jobs")) {
      if (job.get("status").asText().equals("RUNNING")) {
        URI path = URI.create("http://%s/jobs/%s".formatted(master(), job.get("id").asText()));
        HttpRequest cancel =
            HttpRequest.newBuilder(path)
                .method("PATCH", HttpRequest.BodyPublishers.noBody())
                .build();
        http.send(cancel, HttpResponse.BodyHandlers.discarding());
      }
    }
  }

  /** Waits until all jobs have ended. */
  void awaitNoJob() throws IOException, InterruptedException {
    boolean running = true;
    while (running) {
      running = false;
      for (JsonNode job : rest("/jobs").path("jobs")) {
        running |= !ENDED.contains(job.get("status").asText());
      }
    }
  }

  /**
   * Returns the sum of a metric over the tasks of a vertex, in any running job; 0 before there is
   * one.
   */
  long metric(String vertexName, String name) throws IOException, InterruptedException {
    long sum = 0;
    for (String vertex : runningVertices(vertexName)) {
      String metrics = vertex + "/subtasks/metrics";
      for (JsonNode metric : rest(metrics)) {
        String id = metric.path("id").asText();
        if (id.endsWith(name)) {
          for (JsonNode value : rest(metrics + "?get=" + URLEncoder.encode(id, UTF_8))) {
            sum += value.path("sum").asLong();
          }
        }
      }
    }
    return sum;
  }

  /** Returns the paths of the vertices with a name, of all jobs that are running. */
  private List<String> runningVertices(String name) throws IOException, InterruptedException {
    List<String> paths = new ArrayList<>();
    for (JsonNode job : rest("/jobs").path("jobs")) {
      if (job.get("status").asText().equals("RUNNING")) {
        String path = "/jobs/" + job.get("id").asText();
        for (JsonNode vertex : rest(path).path("vertices")) {
          if (vertex.get("name").asText().contains(name)) {
            paths.add(path + "/vertices/" + vertex.get("id").asText());
          }
        }
      }
    }
    return paths;
  }

  /** Returns the names of the TaskManagers that the JobManager knows. */
  Set<String> taskManagersThere() throws IOException, InterruptedException {
    Set<String> names = new HashSet<>();
    for (JsonNode taskManager : rest("/taskmanagers").path("taskmanagers")) {
      names.add(taskManager.get("id").asText());
    }
    return names;
  }

  /**
   * Returns the TaskManager of the running task of a vertex, in any job, that has read the most
   * records as far as is known; empty if none is running.
   */
  String busiest(String vertexName) throws IOException, InterruptedException {
    String busiest = "";
    long most = -1;
    for (String vertex : runningVertices(vertexName)) {
      for (JsonNode task : rest(vertex).path("subtasks")) {
        long read = task.path("metrics").path("read-records").asLong();
        if (task.get("status").asText().equals("RUNNING") && read > most) {
          most = read;
          busiest = task.get("taskmanager-id").asText();
        }
      }
    }
    return busiest;
  }

  /** Between two looks at what is waited for: looking all the time takes a core from the work. */
  static void pause() throws InterruptedException {
    Thread.sleep(20);
  }

  /** Returns the answer of the JobManager; a missing node while there is none. */
  JsonNode rest(String path) throws IOException, InterruptedException {
    if (!jobManager.isAlive()) {
      throw new IOException("the JobManager has ended:\n" + log("jobmanager"));
    }
    pause();
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + master() + path)).build();
    try {
      return json.readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
    } catch (IOException e) {
      return json.missingNode(); // not up yet
    }
  }

  String log(String name) throws IOException {
    return Files.readString(folder.resolve(name + ".log"));
  }

  private Process start(String name, String program, String... options) throws IOException {
    Path conf = Files.createDirectories(folder.resolve("conf-" + name));
    List<String> lines = new ArrayList<>();
    SETTINGS.forEach((key, value) -> lines.add(key + ": " + value));
    lines.add("jobmanager.rpc.port: " + rpcPort);
    lines.add("rest.port: " + restPort);
    lines.add("taskmanager.resource-id: " + name);
    Files.write(conf.resolve("flink-conf.yaml"), lines);
    Path logback = conf.resolve("logback.xml");
    Files.writeString(
        logback,
        """
        <configuration>
          <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
            <encoder><pattern>%d{HH:mm:ss} %-5level %logger{20} %msg%n</pattern></encoder>
          </appender>
          <root level="INFO"><appender-ref ref="out"/></root>
        </configuration>
        """);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseParallelGC"));
    for (String opened : List.of("util", "lang", "util.concurrent", "net", "io", "nio", "time")) {
      command.add("--add-opens=java.base/java." + opened + "=ALL-UNNAMED");
    }
    command.add("-Dlogback.configurationFile=" + logback);
    command.addAll(List.of("-cp", libraries(), program, "-c", conf.toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(name + ".log").toFile())
        .start();
  }

  /** Returns the class path of the cluster's processes. */
  static String libraries() {
    String all = System.getProperty("java.class.path");
    Set<String> own = Set.copyOf(JobJars.of(all));
    return Stream.of(all.split(File.pathSeparator))
        .filter(entry -> !own.contains(entry))
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Override
  public void close() {
    taskManagers.values().forEach(Process::destroyForcibly);
    jobManager.destroyForcibly();
  }
}

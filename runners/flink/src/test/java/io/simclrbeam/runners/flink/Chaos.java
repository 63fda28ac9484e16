package io.simclrbeam.runners.flink;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.simclrbeam.model.image.Png;
import io.simclrbeam.model.sample.SampleImages;
import io.simclrbeam.transforms.dataset.CurrentView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.jspecify.annotations.Nullable;

/**
 * Trains and embeds while processes die, sleep, wake up, have wrong clocks, full disks and files
 * that do not open, on a cluster of loopback and on embedded Flink. Then looks whether the weights
 * are those of an undisturbed run, and whether each image has its one right vector. {@code ./dev
 * chaos} runs it; the check does not.
 */
final class Chaos {
  private static final int STEPS = 150;
  private static final int IMAGES = 200;
  private static final int NEW_IMAGES = 20;

  /** Longer than the cluster's heartbeat timeout, so that who slept was taken for dead. */
  private static final long LONG_SLEEP_MILLIS = 9_000;

  private static final long SHORT_SLEEP_MILLIS = 1_500;
  private static final long LIMIT_MILLIS = 3_000;
  private static final Pattern PUBLISHED = Pattern.compile("Published (\\S+)\\.");

  private final Path folder;
  private final Random random;
  private final SmallRun run;
  private final Map<String, Integer> events = new TreeMap<>();
  private final List<String> faults = new ArrayList<>();

  private Chaos(Path folder, long seed) {
    this.folder = folder;
    this.random = new Random(seed);
    this.run = new SmallRun(folder, STEPS);
  }

  /**
   * Runs it.
   *
   * @param arguments an empty folder, the number of events, a seed
   */
  public static void main(String[] arguments) throws Exception {
    FileSystems.setDefaultPipelineOptions(PipelineOptionsFactory.create());
    int count = Integer.parseInt(arguments[1]);
    Chaos chaos =
        new Chaos(
            Files.createDirectories(Path.of(arguments[0])).toAbsolutePath(),
            Long.parseLong(arguments[2]));
    chaos.run.drawImages(IMAGES);
    chaos.train(count * 3 / 10, count * 2 / 10);
    chaos.embed(count * 3 / 10, count - count * 8 / 10);
    System.out.println("\nevents: " + chaos.events);
    chaos.faults.forEach(fault -> System.out.println("FAULT: " + fault));
    System.out.println(chaos.faults.isEmpty() ? "All is as it should be." : "There are faults.");
    System.exit(chaos.faults.isEmpty() ? 0 : 1);
  }

  /** What may happen to a command, and to the cluster if there is one. */
  private enum Event {
    KILL_CLIENT(false),
    TERMINATE_CLIENT(false),
    STOP_CLIENT_SHORTLY(false),
    STOP_CLIENT_FOR_LONG(false),
    SECOND_CLIENT(false),
    CLOCK_A_YEAR_AHEAD(false),
    CLOCK_A_DAY_BACK(false),
    DISK_FULL(false),
    OPENING_FAILS(false),
    KILL_TASK_MANAGER(true),
    STOP_TASK_MANAGER_SHORTLY(true),
    STOP_TASK_MANAGER_FOR_LONG(true),
    KILL_JOB_MANAGER(true),
    STOP_JOB_MANAGER_SHORTLY(true);

    private final boolean ofCluster;

    Event(boolean ofCluster) {
      this.ofCluster = ofCluster;
    }
  }

  /** Starts the command under test, with the clock so many seconds off. */
  private interface Command {
    CommandProcess start(long clockOffset) throws IOException;
  }

  private void train(int onCluster, int embedded) throws Exception {
    CommandProcess undisturbed = CommandProcess.start(run.train("undisturbed"));
    byte[] expected = run.weights(undisturbed, "undisturbed");
    try (FlinkCluster cluster = FlinkCluster.start(folder, "tm-1", "tm-2")) {
      trainUnder(onCluster, cluster, expected);
    }
    trainUnder(embedded, null, expected);
  }

  private void trainUnder(int count, @Nullable FlinkCluster cluster, byte[] expected)
      throws Exception {
    int left = count;
    for (int model = 0; left > 0; model++) {
      String name = (cluster == null ? "embedded-" : "cluster-") + model;
      String[] arguments = run.train(name, where(cluster));
      left -= disturb(left, cluster, offset -> start(offset, arguments), run.model(name));
      if (!Arrays.equals(
          expected, Files.readAllBytes(run.model(name).resolve("encoder.safetensors")))) {
        faults.add("other weights in " + name);
      }
      say("%s is trained, %d events left", name, left);
    }
  }

  private void embed(int onCluster, int embedded) throws Exception {
    List<String> published = new ArrayList<>();
    Path dataset = folder.resolve("embeddings");
    try (FlinkCluster cluster = FlinkCluster.start(folder, "tm-1", "tm-2")) {
      embedUnder(onCluster, cluster, dataset, published);
    }
    embedUnder(embedded, null, dataset, published);
    start(0, run.embed("undisturbed", run.images(), dataset)).assertDone();

    Path expected = folder.resolve("expected");
    start(0, run.embed("undisturbed", run.images(), expected)).assertDone();
    compare(vectors(expected), vectors(dataset));
    for (String run : published) {
      if (!Files.exists(Path.of(run, "_SUCCESS"))) {
        faults.add("a published run is gone: " + run);
      }
    }
    say("%d runs said that they were published", published.size());
  }

  private void embedUnder(
      int count, @Nullable FlinkCluster cluster, Path dataset, List<String> published)
      throws Exception {
    String[] arguments = run.embed("undisturbed", run.images(), dataset, where(cluster));
    int left = count;
    while (left > 0) {
      drawMore();
      List<CommandProcess> started = new ArrayList<>();
      left -=
          disturb(
              left,
              cluster,
              offset -> {
                CommandProcess process = start(offset, arguments);
                started.add(process);
                return process;
              },
              null);
      for (CommandProcess process : started) {
        Matcher line = PUBLISHED.matcher(process.output());
        if (line.find()) {
          published.add(line.group(1));
        }
      }
      say("a night is over, %d events left", left);
    }
  }

  /**
   * Starts a command again and again until it has done its work, under events.
   *
   * @param most events
   * @param model the folder that is finished at the end; null if the end of the command is enough
   * @return number of events
   */
  private int disturb(
      int most, @Nullable FlinkCluster cluster, Command command, @Nullable Path model)
      throws Exception {
    int happened = 0;
    int starts = 0;
    CommandProcess client = command.start(0);
    while (true) {
      for (long pause = 500L + random.nextInt(6_000); pause > 0 && client.isAlive(); pause -= 50) {
        Thread.sleep(50);
      }
      if (!client.isAlive()) {
        boolean done =
            client.exitCode() == 0 && (model == null || Files.exists(model.resolve("model.json")));
        if (done) {
          return happened;
        }
        starts++;
        if (starts > 100) {
          throw new IllegalStateException("does not come to an end:\n" + client.output());
        }
        client = command.start(0);
      } else if (happened < most) {
        Event event = Event.values()[random.nextInt(Event.values().length)];
        if (cluster != null || !event.ofCluster) {
          happened++;
          events.merge(event.name().toLowerCase(Locale.ROOT), 1, Integer::sum);
          say("%s", event);
          client = happen(event, cluster, command, client);
        }
      }
    }
  }

  private CommandProcess happen(
      Event event, @Nullable FlinkCluster cluster, Command command, CommandProcess client)
      throws Exception {
    switch (event) {
      case KILL_CLIENT -> client.kill();
      case TERMINATE_CLIENT -> client.interrupt();
      case STOP_CLIENT_SHORTLY -> sleep(client.pid(), SHORT_SLEEP_MILLIS);
      case STOP_CLIENT_FOR_LONG -> {
        // Long enough for another trainer to take over before this one wakes up.
        signal("STOP", client.pid());
        CommandProcess other = command.start(0);
        for (int i = 0; i < 800 && other.isAlive(); i++) {
          Thread.sleep(50);
        }
        signal("CONT", client.pid());
        client.exitCode();
        return other;
      }
      case SECOND_CLIENT -> {
        CommandProcess other = command.start(0);
        other.exitCode();
      }
      case CLOCK_A_YEAR_AHEAD, CLOCK_A_DAY_BACK -> {
        client.interrupt();
        client.exitCode();
        return command.start(event == Event.CLOCK_A_DAY_BACK ? -86_400 : 31_536_000);
      }
      case DISK_FULL -> limit(worker(cluster, client), "fsize");
      case OPENING_FAILS -> limit(worker(cluster, client), "nofile");
      case KILL_TASK_MANAGER -> {
        String victim = anyOf(cluster);
        cluster.kill(victim);
        cluster.startTaskManager(victim + "r");
      }
      case STOP_TASK_MANAGER_SHORTLY -> sleep(cluster.pid(anyOf(cluster)), SHORT_SLEEP_MILLIS);
      case STOP_TASK_MANAGER_FOR_LONG -> sleep(cluster.pid(anyOf(cluster)), LONG_SLEEP_MILLIS);
      case KILL_JOB_MANAGER -> {
        cluster.killJobManager();
        client.exitCode();
        cluster.replaceJobManager();
      }
      case STOP_JOB_MANAGER_SHORTLY -> sleep(cluster.jobManagerPid(), SHORT_SLEEP_MILLIS);
    }
    return client;
  }

  private String anyOf(FlinkCluster cluster) {
    List<String> names = cluster.taskManagerNames();
    return names.get(random.nextInt(names.size()));
  }

  /** Returns a process that reads images and writes files. */
  private long worker(@Nullable FlinkCluster cluster, CommandProcess client) {
    return cluster == null ? client.pid() : cluster.pid(anyOf(cluster));
  }

  /**
   * Takes a resource from a process for a while: no file grows ({@code fsize}), or none can be
   * opened ({@code nofile}).
   */
  private static void limit(long pid, String resource) throws Exception {
    String option = "--" + resource;
    Process before =
        new ProcessBuilder(
                "prlimit", "--pid", Long.toString(pid), option, "--noheadings", "--output", "SOFT")
            .start();
    String soft = new String(before.getInputStream().readAllBytes(), UTF_8).strip();
    setLimit(pid, option + "=0:");
    Thread.sleep(LIMIT_MILLIS);
    setLimit(pid, option + "=" + soft + ":");
  }

  private static void setLimit(long pid, String limit) throws Exception {
    new ProcessBuilder("prlimit", "--pid", Long.toString(pid), limit).start().waitFor();
  }

  private static void sleep(long pid, long millis) throws Exception {
    signal("STOP", pid);
    Thread.sleep(millis);
    signal("CONT", pid);
  }

  private static void signal(String name, long pid) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
  }

  private CommandProcess start(long clockOffset, String... arguments) throws IOException {
    if (clockOffset == 0) {
      return CommandProcess.start(arguments);
    }
    return CommandProcess.start(
        Map.of(
            "LD_PRELOAD", clock().toString(), "CLOCK_OFFSET_SECONDS", Long.toString(clockOffset)),
        arguments);
  }

  /** Returns a library that moves the clock of a process, compiled once. */
  private Path clock() throws IOException {
    Path library = folder.resolve("clock.so");
    if (!Files.exists(library)) {
      Path source =
          Files.writeString(
              folder.resolve("clock.c"),
              """
              #define _GNU_SOURCE
              #include <dlfcn.h>
              #include <stdlib.h>
              #include <sys/time.h>
              #include <time.h>

              int clock_gettime(clockid_t id, struct timespec *t) {
                int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
                int result = real(id, t);
                if (result == 0 && id == CLOCK_REALTIME) {
                  t->tv_sec += atol(getenv("CLOCK_OFFSET_SECONDS"));
                }
                return result;
              }

              int gettimeofday(struct timeval *t, void *zone) {
                int (*real)(struct timeval *, void *) = dlsym(RTLD_NEXT, "gettimeofday");
                int result = real(t, zone);
                if (result == 0) {
                  t->tv_sec += atol(getenv("CLOCK_OFFSET_SECONDS"));
                }
                return result;
              }
              """);
      try {
        int exitCode =
            new ProcessBuilder(
                    "cc", "-shared", "-fPIC", "-o", library.toString(), source.toString(), "-ldl")
                .inheritIO()
                .start()
                .waitFor();
        if (exitCode != 0) {
          throw new IOException("cc could not compile " + source);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return library;
  }

  private static String[] where(@Nullable FlinkCluster cluster) {
    return cluster == null
        ? new String[] {"--runner=flink"}
        : new String[] {
          "--flinkMaster=" + cluster.master(),
          "--flinkConfDir=" + cluster.configuration(),
          "--parallelism=2",
          "--executionRetryDelay=1000",
          "--numberOfExecutionRetries=50"
        };
  }

  private void drawMore() throws IOException {
    int classes = SampleImages.classNames().size();
    try (var files = Files.list(run.images())) {
      int drawn = (int) files.count();
      for (int i = drawn; i < drawn + NEW_IMAGES; i++) {
        Files.write(
            run.images().resolve("image-%04d.png".formatted(i)),
            Png.encode(SampleImages.draw(i % classes, i, 24, 5)));
      }
    }
  }

  private Map<String, float[]> vectors(Path dataset) throws IOException {
    Map<String, float[]> vectors = new ConcurrentHashMap<>();
    List<String> twice = Collections.synchronizedList(new ArrayList<>());
    CurrentView.of(dataset.toString())
        .forEach(
            () ->
                embedding -> {
                  if (vectors.put(embedding.id(), embedding.vector()) != null) {
                    twice.add("twice in the data set: " + embedding.id());
                  }
                });
    faults.addAll(twice);
    return vectors;
  }

  private void compare(Map<String, float[]> expected, Map<String, float[]> found) {
    say("%d images expected, %d found", expected.size(), found.size());
    if (!expected.keySet().equals(found.keySet())) {
      faults.add("%d images expected, %d found".formatted(expected.size(), found.size()));
    }
    found.forEach(
        (id, vector) -> {
          if (!Arrays.equals(vector, expected.get(id))) {
            faults.add("another vector of " + id);
          }
        });
  }

  private static void say(String format, Object... arguments) {
    System.out.printf(format + "%n", arguments);
  }
}

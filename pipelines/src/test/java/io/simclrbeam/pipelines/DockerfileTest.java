package io.simclrbeam.pipelines;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keeps the Dockerfiles in step with the sources, as tests build no images. */
class DockerfileTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** The program for one machine. */
  private static final Path PROGRAM = ROOT.resolve("Dockerfile");

  /**
   * An instruction, such as {@code RUN}.
   *
   * @param arguments all of them in one line
   */
  private record Instruction(String name, String arguments) {}

  static List<Path> dockerfiles() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> file.getFileName().toString().matches("Dockerfile(\\.[a-z.]+)?"))
          .filter(file -> !ROOT.relativize(file).toString().contains("target/"))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    }
  }

  private static List<Instruction> read(Path dockerfile) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String line : Files.readAllLines(dockerfile)) {
      if (!line.startsWith("#")) {
        text.append(line.endsWith("\\") ? line.substring(0, line.length() - 1) : line + "\n");
      }
    }
    return text.toString()
        .lines()
        .filter(line -> !line.isBlank())
        .map(
            line -> {
              String[] parts = line.split(" ", 2);
              return new Instruction(parts[0], parts[1].replaceAll(" +", " ").strip());
            })
        .toList();
  }

  /** The arguments of instructions of a name, in the last stage or in all. */
  private static List<String> arguments(Path dockerfile, String name, boolean lastStage)
      throws IOException {
    List<String> found = new ArrayList<>();
    for (Instruction instruction : read(dockerfile)) {
      if (lastStage && instruction.name().equals("FROM")) {
        found.clear();
      }
      if (instruction.name().equals(name)) {
        found.add(instruction.arguments());
      }
    }
    return found;
  }

  @Test
  void thereAreSome() throws IOException {
    assertThat(dockerfiles()).contains(PROGRAM).hasSizeGreaterThan(4);
  }

  @ParameterizedTest
  @MethodSource("dockerfiles")
  void whatIsCopiedFromTheSourcesIsThereAndNotIgnored(Path dockerfile) throws IOException {
    for (String copy : arguments(dockerfile, "COPY", false)) {
      if (copy.startsWith("--from=")) {
        continue;
      }
      List<String> words = List.of(copy.split(" ", -1));
      for (String source : words.subList(0, words.size() - 1)) {
        assertThat(isIgnored(source)).as("%s is in .dockerignore", source).isFalse();
        if (!source.contains("target/")) { // what is built need not be there now
          assertThat(ROOT.resolve(source)).exists();
        }
      }
    }
  }

  /** The last pattern that matches a path or a folder above it decides. */
  private static boolean isIgnored(String path) throws IOException {
    boolean ignored = false;
    for (String line : Files.readAllLines(ROOT.resolve(".dockerignore"))) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      boolean exception = line.startsWith("!");
      String pattern = exception ? line.substring(1) : line;
      for (Path part = Path.of(path); part != null; part = part.getParent()) {
        if (matches(pattern, part)) {
          ignored = !exception;
        }
      }
    }
    return ignored;
  }

  /** Docker's {@code **} is any number of folders, also none, which Java's is not. */
  private static boolean matches(String pattern, Path path) {
    String none = pattern.replaceFirst("^\\*\\*/", "");
    return FileSystems.getDefault().getPathMatcher("glob:" + pattern).matches(path)
        || FileSystems.getDefault().getPathMatcher("glob:" + none).matches(path);
  }

  @Test
  void whatIsBuiltOrSecretIsNotSent() throws IOException {
    assertThat(List.of("model/target", "runners/flink/target/classes", ".git", "demo", "key.json"))
        .allMatch(
            path -> {
              try {
                return isIgnored(path);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
  }

  /** A variable that bin/simclr sets has the same value in each image that sets it. */
  @ParameterizedTest
  @MethodSource("dockerfiles")
  void theEnvironmentIsThatOfTheProgram(Path dockerfile) throws IOException {
    Map<String, String> program = new LinkedHashMap<>();
    Matcher set =
        Pattern.compile("export (\\w+)=\"\\$\\{\\w+-(\\w+)}\"")
            .matcher(Files.readString(ROOT.resolve("bin/simclr")));
    while (set.find()) {
      program.put(set.group(1), set.group(2));
    }
    program.remove("NO_GCE_CHECK"); // depends on where the program runs
    assertThat(program).hasSize(5).containsEntry("OMP_WAIT_POLICY", "PASSIVE");
    Map<String, String> image = new LinkedHashMap<>();
    for (String environment : arguments(dockerfile, "ENV", true)) {
      for (String variable : environment.split(" ", -1)) {
        image.put(variable.replaceFirst("=.*", ""), variable.replaceFirst("[^=]*=", ""));
      }
    }
    Map<String, String> shared = new LinkedHashMap<>(program);
    shared.keySet().retainAll(image.keySet());
    assertThat(image).containsAllEntriesOf(shared);
    if (dockerfile.equals(PROGRAM)) {
      assertThat(shared).isEqualTo(program);
    }
  }

  @Test
  void theProgramIsBuiltAsThePageSaysAndIsTheEntry() throws IOException {
    String build = arguments(PROGRAM, "RUN", false).get(0);
    assertThat(Files.readString(ROOT.resolve("CONTRIBUTING.md")))
        .contains("mvn -q -DskipTests -Pdist package");
    assertThat(build).contains("mvn -q -B -DskipTests -Pdist -Ddist.format=dir package");
    assertThat(arguments(PROGRAM, "ENTRYPOINT", true))
        .containsExactly("[\"/opt/simclr/bin/simclr\"]");
    assertThat(arguments(PROGRAM, "COPY", true))
        .containsExactly("--from=build /simclr-beam /opt/simclr");
    assertThat(Files.isExecutable(ROOT.resolve("bin/simclr"))).isTrue();
  }

  @Test
  void theProgramIsNotRunByRoot() throws IOException {
    List<String> users = arguments(PROGRAM, "USER", true);
    assertThat(users).hasSize(1).allMatch(user -> user.matches("[1-9]\\d*:[1-9]\\d*"));
    String id = users.get(0).replaceFirst(":.*", "");
    assertThat(String.join(" ", arguments(PROGRAM, "RUN", true)))
        .contains("useradd --uid " + id + " --gid " + id)
        .contains("groupadd --gid " + id);
  }

  /**
   * Java takes a home called "?" for a user that the system does not know, as in a container that
   * was started with another user's number.
   */
  @Test
  void theHomeIsThatOfTheEnvironment(@TempDir Path folder) throws Exception {
    Files.createDirectories(folder.resolve("lib/flink"));
    Path program = Files.createDirectories(folder.resolve("bin")).resolve("simclr");
    Files.copy(ROOT.resolve("bin/simclr"), program, StandardCopyOption.COPY_ATTRIBUTES);
    Path java = Files.createDirectories(folder.resolve("jdk/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    ProcessBuilder builder = new ProcessBuilder(program.toString(), "show", "a");
    builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
    builder.environment().put("HOME", "/home/of one");
    Process process = builder.redirectErrorStream(true).start();

    assertThat(new String(process.getInputStream().readAllBytes(), UTF_8).lines())
        .contains("-Duser.home=/home/of one")
        .endsWith("show", "a");
    assertThat(String.join(" ", arguments(PROGRAM, "ENV", true))).contains("HOME=/home/simclr ");
  }

  /** Modules that the profile needs are copied. */
  @Test
  void allModulesOfTheBuildAreCopied() throws IOException {
    String copied = String.join(" ", arguments(PROGRAM, "COPY", false)) + " ";
    String pom = Files.readString(ROOT.resolve("pom.xml"));
    Matcher module = Pattern.compile("<module>([^<]*)</module>").matcher(pom);
    List<String> modules = new ArrayList<>();
    while (module.find() && module.start() < pom.indexOf("<profiles>")) {
      modules.add(module.group(1));
    }
    modules.add("packaging/dist");
    assertThat(modules).hasSizeGreaterThan(5);
    for (String name : modules) {
      assertThat(copied).contains(name.replaceFirst("/.*", "") + " ");
    }
  }
}

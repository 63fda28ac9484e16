package io.simclrbeam.pipelines.cli;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page of the repository.
 *
 * @param file of the page
 * @param text Markdown
 */
record MarkdownPage(Path file, String text) {
  static final Path ROOT = Path.of("..");

  /** What the build and {@code ./dev} make. */
  private static final Set<Path> MADE =
      Set.of(ROOT.resolve("demo"), ROOT.resolve("bench"), ROOT.resolve("crash"));

  private static final Pattern FENCED = Pattern.compile("(?ms)^ *```(\\w*)\n(.*?)^ *```$");
  private static final Pattern SPAN = Pattern.compile("`([^`\n]+)`");
  private static final Pattern LINK =
      Pattern.compile("(?m)\\]\\(([^)\\s]+)[^)]*\\)|^\\[[^\\]]+\\]: +(\\S+)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.*?) *$");
  private static final Pattern COMMAND = Pattern.compile("(?m)^ *(?:\\$ )?bin/simclr (.*)$");

  /** Reads a page. */
  static MarkdownPage read(Path file) throws IOException {
    return new MarkdownPage(file, Files.readString(file));
  }

  /** Reads all pages of the repository; it need not be a clone. */
  static List<MarkdownPage> all() throws IOException {
    List<MarkdownPage> pages = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = folder.getFileName().toString();
            boolean hidden = name.startsWith(".") && !folder.equals(ROOT);
            return hidden || name.equals("target") || MADE.contains(folder)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (file.toString().endsWith(".md")) {
              pages.add(read(file));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return pages;
  }

  /** Returns the targets of all links and pictures. */
  List<String> links() {
    String prose = SPAN.matcher(withoutBlocks()).replaceAll("");
    return LINK.matcher(prose)
        .results()
        .map(link -> link.group(1) != null ? link.group(1) : link.group(2))
        .toList();
  }

  /** Returns the anchors of the headings, as GitHub makes them. */
  Set<String> anchors() {
    Map<String, Integer> counts = new HashMap<>();
    Set<String> anchors = new HashSet<>();
    Matcher heading = HEADING.matcher(withoutBlocks());
    while (heading.find()) {
      String anchor =
          heading
              .group(1)
              .replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1")
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^\\p{L}\\p{N}_ -]", "")
              .replace(' ', '-');
      int earlier = counts.merge(anchor, 1, Integer::sum) - 1;
      anchors.add(earlier == 0 ? anchor : anchor + "-" + earlier);
    }
    return anchors;
  }

  /** Returns the text of the fenced blocks in a language. */
  List<String> blocks(String language) {
    return FENCED
        .matcher(text)
        .results()
        .filter(block -> block.group(1).equals(language))
        .map(block -> block.group(2))
        .toList();
  }

  /** Returns the short pieces of code within sentences. */
  List<String> spans() {
    return SPAN.matcher(withoutBlocks()).results().map(span -> span.group(1)).toList();
  }

  /** Returns the arguments of each line that runs {@code bin/simclr}, as a shell reads them. */
  List<List<String>> commands() {
    return COMMAND
        .matcher(text.replaceAll("\\\\\n *", ""))
        .results()
        .map(line -> arguments(line.group(1)))
        .toList();
  }

  /** Splits a line where a shell does, up to a comment or another command. */
  private static List<String> arguments(String line) {
    List<String> arguments = new ArrayList<>();
    Matcher part = Pattern.compile("(?:'[^']*'|\"[^\"]*\"|[^\\s'\"])+").matcher(line);
    while (part.find() && !part.group().matches("#.*|[|>;&].*")) {
      arguments.add(part.group().replaceAll("['\"]", ""));
    }
    return arguments;
  }

  private String withoutBlocks() {
    return FENCED.matcher(text).replaceAll("");
  }

  @Override
  public String toString() {
    return ROOT.relativize(file).toString();
  }
}

package io.simclrbeam.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A part of docs/reference.md that follows from the program. Two comments in the page enclose it.
 *
 * @param name in the comments
 */
record GeneratedPart(String name) {
  private static final Path PAGE = Path.of("..", "docs", "reference.md");
  private static final Pattern BEGIN = Pattern.compile("<!-- generated: (.*) -->\n");

  /** Returns the names of all parts of the page, in its order. */
  static List<String> names() throws IOException {
    return BEGIN.matcher(Files.readString(PAGE)).results().map(part -> part.group(1)).toList();
  }

  /** Returns what the page says now. */
  String text() throws IOException {
    String page = Files.readString(PAGE);
    return page.substring(begin(page), end(page));
  }

  /** Fails if the page says anything else; with {@code -DupdateDocs=true} changes the page. */
  void shouldBe(String expected) throws IOException {
    if (Boolean.getBoolean("updateDocs")) {
      String page = Files.readString(PAGE);
      Files.writeString(
          PAGE, page.substring(0, begin(page)) + expected + page.substring(end(page)));
    }
    assertThat(text())
        .as("%s in docs/reference.md; ./dev docs updates it", name)
        .isEqualTo(expected);
  }

  private int begin(String page) {
    return BEGIN
        .matcher(page)
        .results()
        .filter(part -> part.group(1).equals(name))
        .mapToInt(MatchResult::end)
        .findFirst()
        .orElseThrow(() -> new AssertionError("docs/reference.md has no part for " + name));
  }

  private int end(String page) {
    int end = page.indexOf("<!-- end -->", begin(page));
    assertThat(end).as("the end of the part for %s", name).isPositive();
    return end;
  }
}

package io.simclrbeam.pipelines.report;

import io.simclrbeam.model.storage.Json;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** One HTML file with everything in it: styles, scripts and data. */
final class Page {
  private static final String[] STYLES = {"lib/uPlot.min.css", "page.css"};
  private static final String LICENSES = "lib/LICENSES.txt";
  private static final String[] SCRIPTS = {
    "lib/uPlot.iife.min.js", "lib/regl-scatterplot.js", "page.js"
  };

  private final Report report;
  private final Map<String, String> blocks = new LinkedHashMap<>();

  Page(Report report) {
    this.report = report;
  }

  /** Adds a block of text that needs no escape, such as Base64. */
  void addBlock(String id, String text) {
    blocks.put(id, text);
  }

  String html() throws IOException {
    StringBuilder styles = new StringBuilder();
    for (String style : STYLES) {
      styles.append("<style>\n").append(resource(style)).append("</style>\n");
    }
    StringBuilder scripts = new StringBuilder();
    for (String script : SCRIPTS) {
      scripts.append("<script>\n").append(resource(script)).append("</script>\n");
    }
    StringBuilder data = new StringBuilder();
    // Nothing in JSON but texts can hold a "<", where an escape means the same.
    String json = Json.MAPPER.writeValueAsString(report).replace("<", "\\u003c");
    append(data, "application/json", "report", json);
    blocks.forEach((id, text) -> append(data, "text/plain", id, text));
    append(data, "text/plain", "licenses", resource(LICENSES));
    return resource("page.html")
        .replace("<!--TITLE-->", report.title().replace("&", "&amp;").replace("<", "&lt;"))
        .replace("<!--STYLE-->", styles)
        .replace("<!--DATA-->", data)
        .replace("<!--SCRIPT-->", scripts);
  }

  private static void append(StringBuilder data, String type, String id, String text) {
    data.append("<script type=\"%s\" id=\"%s\">".formatted(type, id));
    data.append(text).append("</script>\n");
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException("the program lacks its file " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}

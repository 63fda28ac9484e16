package io.simclrbeam.pipelines.cli;

import java.util.Collections;
import java.util.List;

/** How a command logs. What is chosen here counts if nothing was logged before. */
final class LogFormat {
  static final String OPTION = "--logFormat";
  static final String TEXT = "text";
  static final String JSON = "json";
  static final List<String> NAMES = List.of(TEXT, JSON);

  /** Where logback looks for the name of its configuration. */
  private static final String CONFIGURATION = "logback.configurationFile";

  /** Goes to the beginning of the line and erases it (ECMA-48, EL). */
  private static final String ERASE = "\r\u001b[K";

  private static volatile boolean chosenJson;

  /** Whether the terminal shows a line of progress, which the next text is to replace. */
  static volatile boolean onProgress;

  private LogFormat() {}

  /** Takes note of what the arguments ask for. */
  static void choose(String... arguments) {
    List<String> all = List.of(arguments);
    chosenJson =
        all.contains(OPTION + "=" + JSON)
            || Collections.indexOfSubList(all, List.of(OPTION, JSON)) >= 0;
    if (chosenJson) {
      System.setProperty(CONFIGURATION, "io/simclrbeam/pipelines/cli/logback-json.xml");
    }
  }

  /** Returns what a terminal needs before other text than progress; empty if it needs nothing. */
  static String eraseProgress() {
    String erase = onProgress ? ERASE : "";
    onProgress = false;
    return erase;
  }

  static boolean isJson() {
    return chosenJson;
  }
}

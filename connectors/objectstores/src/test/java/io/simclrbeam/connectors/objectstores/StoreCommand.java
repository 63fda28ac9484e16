package io.simclrbeam.connectors.objectstores;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.pipelines.cli.Simclr;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;

/** What a command line came to; what it logged is in {@code err}. */
record StoreCommand(int exitCode, String out, String err) {
  static StoreCommand of(String... arguments) {
    PrintStream usualOut = System.out;
    PrintStream usualErr = System.err;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(out, true, Charset.defaultCharset()));
      System.setErr(new PrintStream(err, true, Charset.defaultCharset()));
      int exitCode = Simclr.run(arguments);
      return new StoreCommand(
          exitCode, out.toString(Charset.defaultCharset()), err.toString(Charset.defaultCharset()));
    } finally {
      System.setOut(usualOut);
      System.setErr(usualErr);
    }
  }

  StoreCommand assertDone() {
    assertThat(exitCode).as(err).isZero();
    return this;
  }
}

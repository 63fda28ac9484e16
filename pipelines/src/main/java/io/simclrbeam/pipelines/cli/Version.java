package io.simclrbeam.pipelines.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Properties;
import org.apache.beam.sdk.util.ReleaseInfo;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} shows. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() throws IOException {
    return new String[] {
      program(),
      "Apache Beam " + ReleaseInfo.getReleaseInfo().getVersion(),
      "Java " + Runtime.version()
    };
  }

  /** Returns the program's name and version. */
  static String program() throws IOException {
    Properties build = new Properties();
    try (InputStream in =
        Objects.requireNonNull(Version.class.getResourceAsStream("version.properties"))) {
      build.load(in);
    }
    return "simclr-beam " + build.getProperty("version");
  }
}

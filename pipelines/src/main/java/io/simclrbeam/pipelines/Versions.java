package io.simclrbeam.pipelines;

import ai.djl.engine.Engine;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.beam.sdk.util.ReleaseInfo;

/** The versions of the software that a result depends on. */
public final class Versions {
  private Versions() {}

  /** Returns the versions by name. */
  public static Map<String, String> here() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("beam", ReleaseInfo.getReleaseInfo().getVersion());
    versions.put("djl", Engine.getDjlVersion());
    versions.put("java", Runtime.version().toString());
    return versions;
  }
}

package io.simclrbeam.transforms.dataset;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.io.fs.ResourceId;

/** Which images, with which bytes, readers of a data set see after a run. */
public final class ContentView {
  private ContentView() {}

  /**
   * Returns the SHA-256 of each image by id, in memory: about 200 bytes an image.
   *
   * @param run which itself need not be published
   */
  public static Map<String, String> at(RunFolder run) throws IOException {
    List<DatasetRun> runs = new ArrayList<>();
    for (DatasetRun other : DatasetRun.listOf(run.dataset(), run.model())) {
      if (other.name().compareTo(run.name()) < 0) {
        runs.add(other);
      }
    }
    runs.add(new DatasetRun(run.model(), run.name(), run.store().location()));
    runs.sort(Comparator.comparing(DatasetRun::name));
    Map<String, String> contents = new HashMap<>();
    for (DatasetRun one : runs) {
      for (ResourceId part : one.parts()) {
        PartFile.read(
            part,
            record -> {
              String id = record.get("id").toString();
              if (record.get("embedding") == null) {
                contents.remove(id);
              } else {
                contents.put(id, record.get("content_sha256").toString());
              }
            });
      }
    }
    return contents;
  }
}

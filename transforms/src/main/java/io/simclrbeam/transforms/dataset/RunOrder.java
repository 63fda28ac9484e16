package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rule that makes bases right: a base holds all published runs before it, and no run before it
 * is published later. Both sides look after they have given a sign of life, so at least one of them
 * sees the other.
 */
final class RunOrder {
  private RunOrder() {}

  /**
   * Checks that a run may be published now. It must have given a sign of life.
   *
   * @throws IOException if it may not
   */
  static void check(String dataset, String model, String name) throws IOException {
    List<RunFolder> others = RunFolder.listOf(dataset, model);
    @Nullable String problem =
        DatasetLayout.isBase(name)
            ? passedOver(others, new BeamFileStore(DatasetLayout.runFolder(dataset, model, name)))
            : passedBy(others, name);
    if (problem != null) {
      throw new IOException(problem);
    }
  }

  /** Returns why a run cannot be published any more; null if it can. */
  static @Nullable String passedBy(Collection<RunFolder> runs, String name) {
    for (RunFolder base : runs) {
      boolean counts = base.state() == RunFolder.State.PUBLISHED || base.isSigned();
      if (counts && DatasetLayout.isBase(base.name()) && base.name().compareTo(name) > 0) {
        return "The run %s cannot be published any more, as the base %s, of later runs, is made or being made. Embed its images again."
            .formatted(name, base.name());
      }
    }
    return null;
  }

  private static @Nullable String passedOver(Collection<RunFolder> runs, FileStore folder)
      throws IOException {
    List<String> replaced = RunManifest.read(folder).replaces();
    String base = DatasetLayout.runIn(folder.location());
    String before = replaced.stream().filter(DatasetLayout::isBase).findFirst().orElse("");
    for (RunFolder run : runs) {
      boolean inBetween = run.name().compareTo(before) > 0 && run.name().compareTo(base) < 0;
      if (inBetween
          && !DatasetLayout.isBase(run.name())
          && !replaced.contains(run.name())
          && (run.state() == RunFolder.State.PUBLISHED || run.isSigned())) {
        return "The run %s appeared while %s was made of those before it. Nothing is changed. Compact again."
            .formatted(run.name(), base);
      }
    }
    return null;
  }
}

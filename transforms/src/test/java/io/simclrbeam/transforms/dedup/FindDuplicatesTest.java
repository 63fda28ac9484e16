package io.simclrbeam.transforms.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.DirectPipeline;
import io.simclrbeam.transforms.TestImages;
import io.simclrbeam.transforms.dataset.Embedding;
import io.simclrbeam.transforms.dataset.RunManifest;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.index.IndexImages;
import io.simclrbeam.transforms.index.Manifest;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FindDuplicatesTest {
  private static final int NO_LIMIT = DedupSpec.MOST_CELLS;

  @TempDir private Path temp;

  private static List<Embedding> planted() {
    return new PlantedImages(12, 1).addRandom(100).addNear(130, 0.3).addEqual(20).images();
  }

  private DedupFolder folder(String name) {
    return new DedupFolder(temp.resolve(name));
  }

  @ParameterizedTest
  @CsvSource({"0.95, 1", "0.95, 25", "0.85, 25", "0.99, 100", "1, 10"})
  void findsExactlyWhatComparingAllPairsFinds(double threshold, int cells) throws IOException {
    AllPairs expected = AllPairs.of(planted(), threshold);

    DedupFolder found = folder("out").find(planted(), new DedupSpec(threshold, cells, NO_LIMIT, 3));

    assertThat(found.groups()).isEqualTo(expected.groups());
    assertThat(found.kept()).containsExactlyElementsOf(expected.kept());
    DedupManifest.Counts counts = found.manifest().counts();
    assertThat(counts.images()).isEqualTo(250);
    assertThat(counts.kept()).isEqualTo(expected.kept().size());
    assertThat(counts.duplicates()).isEqualTo(250 - expected.kept().size());
    assertThat(counts.groups()).isEqualTo(expected.groups().size()).isGreaterThan(15);
    assertThat(counts.copiesLeftOut()).isZero();
    assertThat(found.manifest().cells()).isEqualTo(cells);
  }

  @Test
  void theBytesAreTheSameWhateverTheNumberOfWorkers() throws IOException {
    DedupSpec spec = new DedupSpec(0.95, 20, 3, 3);

    Map<String, byte[]> one = folder("one").find(planted(), spec, 1, find -> find).bytes();
    List<Embedding> inAnotherOrder = planted();
    Collections.reverse(inAnotherOrder);
    Map<String, byte[]> four = folder("four").find(inAnotherOrder, spec, 4, find -> find).bytes();

    assertThat(one)
        .containsOnlyKeys("groups-00000.avro", "keep-00000.txt", "_DEDUP.json", "_SUCCESS");
    assertThat(four).containsOnlyKeys(one.keySet().toArray(String[]::new));
    one.forEach((name, bytes) -> assertThat(four.get(name)).as(name).isEqualTo(bytes));
  }

  @Test
  void copiesThatAreLeftOutAreCounted() throws IOException {
    DedupManifest.Counts all =
        folder("all").find(planted(), new DedupSpec(0.95, 25, NO_LIMIT, 3)).manifest().counts();
    DedupManifest.Counts some =
        folder("some").find(planted(), new DedupSpec(0.95, 25, 1, 3)).manifest().counts();
    DedupManifest.Counts none =
        folder("none").find(planted(), new DedupSpec(0.95, 25, 0, 3)).manifest().counts();

    assertThat(all.copies()).isGreaterThan(200);
    assertThat(some.copies() + some.copiesLeftOut()).isEqualTo(all.copies());
    assertThat(some.imagesLeftOut()).isBetween(50L, some.copies());
    assertThat(none.copies()).isZero();
    assertThat(none.copiesLeftOut()).isEqualTo(all.copies());
    assertThat(none.duplicates()).isLessThan(some.duplicates());
    assertThat(some.duplicates()).isLessThanOrEqualTo(all.duplicates());
  }

  @Test
  void theLargestOfAGroupIsKept() throws IOException {
    List<Embedding> images =
        List.of(
            PlantedImages.image("a small", 10, 10, 1, 0),
            PlantedImages.image("z large", 20, 6, 2, 0.01f),
            PlantedImages.image("b large", 6, 20, 3, 0.02f),
            PlantedImages.image("other", 1, 1, 0, 1));

    DedupFolder found = folder("out").find(images, new DedupSpec(0.95, 0, 8, 0));

    assertThat(found.kept()).containsExactly("b large", "other");
    List<GenericRecord> records = found.records();
    assertThat(records)
        .extracting(record -> record.get("id").toString())
        .containsExactly("b large", "a small", "z large");
    assertThat(records)
        .extracting(record -> record.get("kept"))
        .containsExactly(true, false, false);
    GenericRecord kept = records.get(0);
    assertThat(kept.get("group").toString()).isEqualTo("b large");
    assertThat(kept.get("uri").toString()).isEqualTo("/images/b large");
    assertThat(kept.get("content_sha256").toString()).isEqualTo("sha of b large");
    assertThat(kept.get("width")).isEqualTo(6);
    assertThat(kept.get("height")).isEqualTo(20);
    assertThat(kept.get("similarity")).isEqualTo(1.0);
  }

  @Test
  void whatHasNoDirectionIsKept() throws IOException {
    List<Embedding> images = new PlantedImages(2, 0).add(0, 0).add(1, 0).add(0, 0).images();

    DedupFolder found = folder("out").find(images, new DedupSpec(0.5, 0, 8, 0));

    assertThat(found.kept()).hasSize(3);
    assertThat(found.records()).isEmpty();
    assertThat(found.manifest().counts().withoutDirection()).isEqualTo(2);
    assertThat(found.manifest().files())
        .extracting(RunManifest.File::name)
        .containsExactly("groups-00000.avro", "keep-00000.txt");
  }

  @Test
  void allMayBeWithoutDirection() throws IOException {
    List<Embedding> images = new PlantedImages(2, 0).add(0, 0).add(0, 0).images();

    assertThat(folder("out").find(images, new DedupSpec(0.5, 0, 8, 0)).kept()).hasSize(2);
  }

  @Test
  void withoutImagesNothingIsPublished() {
    folder("out").find(List.of(), new DedupSpec(0.5, 0, 8, 0));

    assertThat(temp.resolve("out")).doesNotExist();
  }

  @Test
  void theManifestOfTheResultsNamesTheirFiles() throws IOException {
    DedupFolder found = folder("out").find(planted(), new DedupSpec(0.9, 0, 8, 0));

    for (RunManifest.File file : found.manifest().files()) {
      assertThat(Sha256.of(found.bytes().get(file.name()))).isEqualTo(file.sha256());
    }
    assertThat(found.manifest().files())
        .extracting(RunManifest.File::records)
        .containsExactly((long) found.records().size(), (long) found.kept().size());
    assertThat(found.manifest().modelId()).isEqualTo("m");
    assertThat(found.manifest().threshold()).isEqualTo(0.9);
  }

  @Test
  void lineBreaksInIdsDoNotBreakTheList() throws IOException {
    List<Embedding> images = List.of(PlantedImages.image("a\nb\\c\rd", 1, 1, 1, 0));

    assertThat(folder("out").find(images, new DedupSpec(0.5, 0, 8, 0)).kept())
        .containsExactly("a\\nb\\\\c\\rd");
  }

  @Test
  void embeddingsMustBeFiniteAndOfOneSize() {
    DedupSpec spec = new DedupSpec(0.5, 0, 8, 0);
    assertThatThrownBy(
            () -> folder("a").find(new PlantedImages(2, 0).add(1, Float.NaN).images(), spec))
        .hasMessageContaining("the embedding of image-0000 holds NaN; every number must be finite");
    assertThatThrownBy(
            () -> folder("b").find(new PlantedImages(2, 0).add(1, 2).add(1).images(), spec))
        .hasMessageContaining("but all must have equally many");
    assertThat(temp.resolve("a")).doesNotExist();
  }

  @Test
  void aManifestIsWrittenWithoutTheDuplicates() throws IOException {
    TestImages.writeFolder(temp.resolve("images"), 6);
    Pipeline pipeline = DirectPipeline.checked();
    pipeline.apply(
        IndexImages.of(List.of(temp.resolve("images").toString()), temp.resolve("i").toString()));
    pipeline.run().waitUntilFinish();
    Manifest manifest = Manifest.read(new BeamFileStore(temp.resolve("i").toString()));
    List<Embedding> images = new ArrayList<>();
    for (ImageRef ref : manifest.images().subList(0, 5)) { // the last was not embedded
      String content = images.size() == 1 ? "older bytes" : String.valueOf(ref.contentSha256());
      float[] vector = images.size() < 3 ? new float[] {1, 0} : new float[] {0, 1 + images.size()};
      images.add(
          Embedding.builder()
              .setId(ref.id())
              .setUri(ref.uri())
              .setLabel(null)
              .setContentSha256(content)
              .setWidth(1)
              .setHeight(1)
              .setModelId("m")
              .setEmbeddedAt(Instant.EPOCH)
              .setVector(vector)
              .build());
    }

    DedupFolder found =
        folder("out")
            .find(
                images,
                new DedupSpec(0.9, 0, 8, 0),
                2,
                find -> find.withManifest(temp.resolve("i").toString()));

    Manifest kept = Manifest.read(new BeamFileStore(temp.resolve("out/keep-manifest").toString()));
    // The second is a duplicate, but its bytes are others by now; the third and the fifth go.
    assertThat(kept.images())
        .containsExactly(
            manifest.images().get(0),
            manifest.images().get(1),
            manifest.images().get(3),
            manifest.images().get(5));
    assertThat(kept.inputs()).isEqualTo(manifest.inputs());
    assertThat(found.manifest().counts().manifest()).isEqualTo(6);
    assertThat(found.manifest().counts().manifestMatched()).isEqualTo(4);
    assertThat(found.manifest().files())
        .extracting(RunManifest.File::name, RunManifest.File::records, RunManifest.File::sha256)
        .contains(tuple("keep-manifest/manifest.avro", 4L, kept.sha256()));
  }

  @Test
  void settingsAreCheckedAndDisplayed() {
    assertThatThrownBy(() -> new DedupSpec(Double.NaN, 0, 8, 0)).hasMessageContaining("is NaN");
    assertThatThrownBy(() -> new DedupSpec(0, 0, 8, 0)).hasMessageContaining("is 0.0");
    assertThatThrownBy(() -> new DedupSpec(0.5, 5000, -1, 0))
        .hasMessage("there are 0 to 4096 cells and at least 0 copies, not 5000 and -1");
    FindDuplicates find = FindDuplicates.of(new DedupSpec(0.5, 1, 8, 3), "/out", "m");
    Map<String, Object> items = new TreeMap<>();
    DisplayData.from(find).items().forEach(item -> items.put(item.getKey(), item.getValue()));
    assertThat(items)
        .isEqualTo(
            Map.of(
                "folder",
                "/out",
                "model",
                "m",
                "threshold",
                0.5,
                "cells",
                1L,
                "maxCopies",
                8L,
                "seed",
                3L));
  }
}

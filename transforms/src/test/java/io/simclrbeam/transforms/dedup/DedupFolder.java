package io.simclrbeam.transforms.dedup;

import io.simclrbeam.transforms.dataset.Embedding;
import io.simclrbeam.transforms.dataset.EmbeddingCoder;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.Create;

/** Searches for near duplicates and reads what was found. */
record DedupFolder(Path folder) {

  DedupFolder find(List<Embedding> images, DedupSpec spec) {
    return find(images, spec, 2, find -> find);
  }

  DedupFolder find(
      List<Embedding> images, DedupSpec spec, int workers, UnaryOperator<FindDuplicates> with) {
    DirectOptions options = PipelineOptionsFactory.create().as(DirectOptions.class);
    options.setTargetParallelism(workers);
    options.setEnforceImmutability(false); // which takes most of the time
    options.setEnforceEncodability(false);
    Pipeline pipeline = Pipeline.create(options);
    pipeline
        .apply(Create.of(images).withCoder(EmbeddingCoder.of()))
        .apply(with.apply(FindDuplicates.of(spec, folder.toString(), "m")));
    pipeline.run().waitUntilFinish();
    return this;
  }

  DedupManifest manifest() throws IOException {
    return DedupManifest.read(new BeamFileStore(folder.toString()));
  }

  List<String> kept() throws IOException {
    List<String> kept = new ArrayList<>();
    for (Path file : files("keep-")) {
      kept.addAll(Files.readAllLines(file));
    }
    return kept;
  }

  List<GenericRecord> records() throws IOException {
    List<GenericRecord> records = new ArrayList<>();
    for (Path file : files("groups-")) {
      try (DataFileReader<GenericRecord> reader =
          new DataFileReader<>(file.toFile(), new GenericDatumReader<>())) {
        reader.forEach(records::add);
      }
    }
    return records;
  }

  Map<String, Map<String, Double>> groups() throws IOException {
    Map<String, Map<String, Double>> groups = new TreeMap<>();
    for (GenericRecord record : records()) {
      groups
          .computeIfAbsent(record.get("group").toString(), id -> new TreeMap<>())
          .put(record.get("id").toString(), (Double) record.get("similarity"));
    }
    return groups;
  }

  /** The bytes of all files, by name. */
  Map<String, byte[]> bytes() throws IOException {
    Map<String, byte[]> bytes = new TreeMap<>();
    for (Path file : files("")) {
      bytes.put(file.getFileName().toString(), Files.readAllBytes(file));
    }
    return bytes;
  }

  private List<Path> files(String beginning) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(beginning))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    }
  }
}

package io.simclrbeam.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.model.tensor.Safetensors;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints in a model folder: {@code checkpoints/step-00000500/} with the tensors and,
 * written last, a seal with their digest. A checkpoint is valid if its seal has the digest of its
 * tensors as they are stored. Others do not exist for those who go on from one.
 */
public final class Checkpoints {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
  private static final String FOLDER = "checkpoints/";
  private static final String STATE = "/state.safetensors";
  private static final String SEAL = "/checkpoint.json";
  private static final Pattern SEAL_NAME =
      Pattern.compile("checkpoints/step-(\\d{8,18})/checkpoint\\.json");
  private static final Pattern ANY_NAME = Pattern.compile("checkpoints/step-(\\d{8,18})/.*");
  private static final String COLLAPSED_STEPS = "collapsed_steps";
  private static final int KEPT = 3;

  private final FileStore store;

  /** Uses the checkpoints of a model folder. */
  public Checkpoints(FileStore store) {
    this.store = store;
  }

  /**
   * Writes a checkpoint. When this returns it is durable. Older ones but the last few are deleted.
   */
  public void save(Checkpoint checkpoint) throws IOException {
    String folder = folder(checkpoint.step());
    String digest =
        Sha256.write(
            store,
            folder + STATE,
            out -> {
              BufferedOutputStream buffer = new BufferedOutputStream(out, 1 << 20);
              Safetensors.write(checkpoint.state(), buffer);
              buffer.flush();
            });
    byte[] seal =
        Json.MAPPER.writeValueAsBytes(
            Json.MAPPER
                .createObjectNode()
                .put(FileKind.FIELD, FileKind.CHECKPOINT_SEAL.version())
                .put("step", checkpoint.step())
                .put("sha256", digest)
                .put(COLLAPSED_STEPS, checkpoint.collapsedSteps()));
    store.write(folder + SEAL, out -> out.write(seal));
    deleteBefore(checkpoint.step());
  }

  /**
   * Returns the step of the newest checkpoint that has a seal, valid or not. It is for words on
   * progress: it reads no tensors.
   */
  public OptionalLong newestSealedStep() throws IOException {
    return sealedSteps().stream().mapToLong(Long::longValue).max();
  }

  /** Returns the step of the newest valid checkpoint. Warns of damaged ones. */
  public OptionalLong newestStep() throws IOException {
    for (long step : sealedSteps().descendingSet()) {
      if (validSeal(step).isPresent()) {
        return OptionalLong.of(step);
      }
    }
    return OptionalLong.empty();
  }

  /** Reads the newest valid checkpoint. Warns of damaged ones. */
  public Optional<Checkpoint> newest() throws IOException {
    for (long step : sealedSteps().descendingSet()) {
      Optional<JsonNode> seal = validSeal(step);
      if (seal.isPresent()) {
        int collapsedSteps = seal.get().path(COLLAPSED_STEPS).asInt(); // 0 in old files
        try (InputStream in = new BufferedInputStream(store.open(folder(step) + STATE), 1 << 20)) {
          return Optional.of(new Checkpoint(step, Safetensors.read(in), collapsedSteps));
        }
      }
    }
    return Optional.empty();
  }

  /** Returns the seal of a checkpoint if it is valid. */
  private Optional<JsonNode> validSeal(long step) throws IOException {
    try {
      JsonNode seal;
      try (InputStream in = store.open(folder(step) + SEAL)) {
        seal = Json.read(FileKind.CHECKPOINT_SEAL, in, store.location() + folder(step) + SEAL);
      }
      String digest;
      try (InputStream in = store.open(folder(step) + STATE)) {
        digest = Sha256.of(in);
      }
      if (digest.equals(seal.path("sha256").asText())) {
        return Optional.of(seal);
      }
      LOG.warn("Checkpoint {} in {} is damaged; using an older one.", step, store.location());
    } catch (JsonProcessingException e) {
      LOG.warn(
          "Checkpoint {} in {} has a damaged seal; using an older one.", step, store.location());
    } catch (FileNotFoundException e) {
      LOG.warn("Checkpoint {} in {} is not whole; using an older one.", step, store.location());
    }
    return Optional.empty();
  }

  /**
   * Deletes all but the last few up to a step that was just saved. Later ones do not count: they
   * are damaged, as training went on from an earlier one, and will be replaced.
   */
  private void deleteBefore(long saved) throws IOException {
    NavigableSet<Long> kept = new TreeSet<>(sealedSteps().headSet(saved, true));
    while (kept.size() > KEPT) {
      kept.pollFirst();
    }
    List<String> old = new ArrayList<>();
    for (String name : store.list(FOLDER)) {
      Matcher matcher = ANY_NAME.matcher(name);
      if (matcher.matches() && Long.parseLong(matcher.group(1)) < kept.first()) {
        old.add(name);
      }
    }
    // A seal goes before what it vouches for.
    old.sort(Comparator.comparing((String name) -> !name.endsWith(SEAL)));
    store.delete(old);
  }

  private NavigableSet<Long> sealedSteps() throws IOException {
    NavigableSet<Long> steps = new TreeSet<>();
    for (String name : store.list(FOLDER)) {
      Matcher matcher = SEAL_NAME.matcher(name);
      if (matcher.matches()) {
        steps.add(Long.parseLong(matcher.group(1)));
      }
    }
    return steps;
  }

  private static String folder(long step) {
    return "%sstep-%08d".formatted(FOLDER, step);
  }
}

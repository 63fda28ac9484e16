package io.simclrbeam.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.simclrbeam.model.storage.DamagedFileException;
import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.model.storage.FileStore;
import io.simclrbeam.model.storage.Json;
import io.simclrbeam.model.storage.LocalCopy;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.model.tensor.Safetensors;
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
  private static final String CURE = "An older checkpoint is used.";
  private static final int KEPT = 3;

  private final FileStore store;
  private final Fence fence;

  /** Uses the checkpoints of a model folder that no other process writes to. */
  public Checkpoints(FileStore store) {
    this(store, Fence.NONE);
  }

  /**
   * Uses the checkpoints of a model folder.
   *
   * @param fence to pass before a checkpoint is sealed
   */
  public Checkpoints(FileStore store, Fence fence) {
    this.store = store;
    this.fence = fence;
  }

  /**
   * Writes a checkpoint. When this returns it is durable. Older ones but the last few are deleted.
   *
   * @throws IOException if it cannot be written, or the fence is closed
   */
  public void save(Checkpoint checkpoint) throws IOException {
    fence.check();
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
    fence.check(); // writing the tensors took a while
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
    Optional<Long> newest =
        newest(
            (step, seal) -> {
              try (InputStream in = store.open(folder(step) + STATE)) {
                return Sha256.of(in).equals(digest(seal)) ? Optional.of(step) : Optional.empty();
              }
            });
    return newest.isPresent() ? OptionalLong.of(newest.get()) : OptionalLong.empty();
  }

  /**
   * Reads the newest valid checkpoint. Warns of damaged ones. Its tensors are mapped into memory
   * from a file, and take no heap.
   */
  public Optional<Checkpoint> newest() throws IOException {
    return newest(
        (step, seal) -> {
          try (LocalCopy state = LocalCopy.of(store, folder(step) + STATE)) {
            return state.sha256().equals(digest(seal))
                ? Optional.of(
                    new Checkpoint(
                        step,
                        Safetensors.map(state.path()),
                        seal.path(COLLAPSED_STEPS).asInt())) // 0 in old files
                : Optional.empty();
          }
        });
  }

  private static String digest(JsonNode seal) {
    return seal.path("sha256").asText();
  }

  /** Reads something of a sealed checkpoint; nothing if its tensors are not the sealed ones. */
  private interface Reader<T> {
    Optional<T> read(long step, JsonNode seal) throws IOException;
  }

  private <T> Optional<T> newest(Reader<T> reader) throws IOException {
    for (long step : sealedSteps().descendingSet()) {
      String damage;
      try {
        JsonNode seal;
        try (InputStream in = store.open(folder(step) + SEAL)) {
          String file = store.location() + folder(step) + SEAL;
          seal = Json.read(FileKind.CHECKPOINT_SEAL, in, file, CURE, json -> json);
        }
        Optional<T> found = reader.read(step, seal);
        if (found.isPresent()) {
          return found;
        }
        damage =
            "%s%s is damaged: its SHA-256 is not the one of its seal. %s"
                .formatted(store.location(), folder(step) + STATE, CURE);
      } catch (DamagedFileException e) {
        damage = String.valueOf(e.getMessage());
      } catch (FileNotFoundException e) {
        damage = "%s%s is not whole. %s".formatted(store.location(), folder(step), CURE);
      }
      LOG.warn("{}", damage);
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

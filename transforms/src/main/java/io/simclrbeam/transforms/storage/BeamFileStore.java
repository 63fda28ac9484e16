package io.simclrbeam.transforms.storage;

import io.simclrbeam.model.storage.FileStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.apache.beam.sdk.io.fs.ResourceId;

/** A folder that Beam's {@link FileSystems} reach. */
public final class BeamFileStore implements FileStore {
  /**
   * Beam's writers make this folder before there is a file in it, so that no list of files shows
   * it.
   */
  private static final String WRITERS_FOLDER = ".temp-beam/";

  private final String folder;

  /** Uses a folder, which need not exist yet. */
  public BeamFileStore(String folder) {
    this.folder = folder.endsWith("/") ? folder : folder + "/";
  }

  /**
   * Checks the name of a folder.
   *
   * @throws IllegalArgumentException if it is blank
   */
  public static void checkFolder(String folder) {
    if (folder.isBlank()) {
      throw new IllegalArgumentException("the name of a folder is blank");
    }
  }

  @Override
  public String location() {
    return folder;
  }

  @Override
  public InputStream open(String name) throws IOException {
    return Channels.newInputStream(BeamFiles.open(resource(name)));
  }

  @Override
  public boolean exists(String name) throws IOException {
    return !FileListing.of(folder + name).isEmpty();
  }

  @Override
  public void write(String name, Content content) throws IOException {
    BeamFiles.replace(resource(name), "application/octet-stream", content);
  }

  /**
   * Makes sure that files can be written here, before work begins whose result would be lost.
   *
   * @throws StorageException if they cannot
   */
  public void checkWritable() throws IOException {
    String name = ".simclr-may-write-" + UUID.randomUUID();
    BeamFiles.write(resource(name), "application/octet-stream", nothing -> {});
    delete(List.of(name));
  }

  @Override
  public List<String> list(String subfolder) throws IOException {
    String prefix = resource(subfolder).toString();
    List<String> names = new ArrayList<>();
    for (MatchResult.Metadata file : FileListing.of(folder + subfolder + "**")) {
      String path = file.resourceId().toString();
      names.add(subfolder + path.substring(prefix.length()));
    }
    return names;
  }

  @Override
  public void delete(List<String> names) throws IOException {
    deleteResources(names);
    NavigableSet<String> folders = new TreeSet<>();
    for (String name : names) {
      folders.add(name.substring(0, name.lastIndexOf('/') + 1));
    }
    folders.remove("");
    for (String emptied : List.copyOf(folders)) {
      folders.add(emptied + WRITERS_FOLDER);
    }
    for (String emptied : folders.descendingSet()) { // inner ones first
      if (list(emptied).isEmpty()) {
        deleteResources(List.of(emptied)); // on file systems where folders exist by themselves
      }
    }
  }

  private void deleteResources(List<String> names) throws IOException {
    BeamFiles.delete(names.stream().map(this::resource).toList());
  }

  private ResourceId resource(String name) {
    String path = folder + name;
    return FileSystems.matchNewResource(path, path.endsWith("/"));
  }
}

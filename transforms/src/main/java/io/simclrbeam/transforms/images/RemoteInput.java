package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.storage.BeamFiles;
import java.io.IOException;

/** An input on another machine, which may be out of reach. */
public final class RemoteInput {
  private RemoteInput() {}

  /** No file is called so: to list those that are takes as little time as can be. */
  private static final String NOTHING = ".simclr-asks-whether-this-place-answers-*";

  /**
   * Asks the file system of an input for it, as {@link ListImages} will, if it is not local. That
   * it answers, and that there is such a bucket, is enough; whether anything is in it is for the
   * listing to say.
   *
   * @throws IOException or what the client of the file system throws, if it cannot be reached or
   *     does not let one in
   * @throws IllegalArgumentException if there is no file system for the input's scheme
   */
  public static void check(String input) throws IOException {
    if (ReadRequest.isLocal(input)
        || InputSpec.isFile(input.endsWith("/") ? input.substring(0, input.length() - 1) : input)) {
      return;
    }
    BeamFiles.list(InputSpec.fixedFolder(input + "/") + NOTHING);
  }
}

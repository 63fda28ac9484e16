package io.simclrbeam.transforms.images;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.io.FileSystems;
import org.apache.beam.sdk.io.fs.EmptyMatchTreatment;
import org.apache.beam.sdk.io.fs.MatchResult;
import org.jspecify.annotations.Nullable;

/** The meaning of {@code --input}: a folder, a glob, or a file. */
final class InputSpec {
  private InputSpec() {}

  /** Lists the files of an input, each as if it were one image; none if there are none. */
  static List<ImageRef> match(String input) throws IOException {
    // Matching a name that is not there makes Beam walk everything beside it, so ask first.
    if (hasWildcard(input) || isFile(input)) {
      return refs(list(input), fixedFolder(input));
    }
    String root = input.endsWith("/") ? input : input + "/";
    return refs(list(root + "**"), root);
  }

  /** Returns whether a path has a part that starts with a dot or an underscore. */
  static boolean isHidden(String path) {
    for (String part : path.split("/", -1)) {
      if (part.startsWith("_") || (part.startsWith(".") && !part.equals("."))) {
        return true;
      }
    }
    return false;
  }

  /** Returns the name of the folder that a file is in; null at the root. */
  static @Nullable String folderName(String path) {
    String[] parts = path.split("/", -1);
    String folder = parts.length < 2 ? "" : parts[parts.length - 2];
    return folder.isEmpty() || folder.equals(".") ? null : folder;
  }

  private static List<ImageRef> refs(List<MatchResult.Metadata> files, String root) {
    String prefix = FileSystems.matchNewResource(root, true).toString();
    List<ImageRef> refs = new ArrayList<>();
    for (MatchResult.Metadata file : files) {
      if (file.resourceId().isDirectory()) {
        continue;
      }
      String uri = file.resourceId().toString();
      String id = uri.startsWith(prefix) ? uri.substring(prefix.length()) : uri;
      if (!isHidden(id)) {
        refs.add(ImageRef.file(id, uri, 0, file.sizeBytes(), folderName(id)));
      }
    }
    return refs;
  }

  private static boolean hasWildcard(String input) {
    return firstWildcard(input) < input.length();
  }

  private static int firstWildcard(String input) {
    int position = 0;
    while (position < input.length() && "*?[{".indexOf(input.charAt(position)) < 0) {
      position++;
    }
    return position;
  }

  private static boolean isFile(String input) throws IOException {
    if (input.endsWith("/")) {
      return false;
    }
    try (ReadableByteChannel file = FileSystems.open(FileSystems.matchNewResource(input, false))) {
      return file.isOpen();
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  private static String fixedFolder(String glob) {
    int slash = glob.lastIndexOf('/', firstWildcard(glob));
    return slash < 0 ? "./" : glob.substring(0, slash + 1);
  }

  private static List<MatchResult.Metadata> list(String spec) throws IOException {
    try {
      return FileSystems.match(spec, EmptyMatchTreatment.ALLOW).metadata();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }
}

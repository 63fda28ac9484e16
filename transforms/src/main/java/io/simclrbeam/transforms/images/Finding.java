package io.simclrbeam.transforms.images;

import io.simclrbeam.transforms.rejects.Reject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.AtomicCoder;
import org.apache.beam.sdk.coders.BooleanCoder;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.NullableCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.extensions.avro.coders.AvroCoder;
import org.jspecify.annotations.Nullable;

/**
 * What an earlier job found in a file: an image, or why something in the file is none. A job that
 * reads a file keeps all that it finds there. So a file with the mark of a finding need not be read
 * again.
 *
 * @param run name of the job's run; a later run has a greater name
 * @param image with the mark of its file and the SHA-256 of its bytes; null if there is a reject
 * @param reject {@link Reject} record; null if there is an image
 * @param isFinal whether the reject stands; else the file is read again to see whether it does
 */
public record Finding(
    String run, @Nullable ImageRef image, @Nullable GenericRecord reject, boolean isFinal) {

  /** Returns an image that was found. */
  public static Finding of(String run, ImageRef image) {
    return new Finding(run, image, null, true);
  }

  /** Returns what the newest run that read a file found in it, of the findings of all runs. */
  public static List<Finding> newest(Iterable<Finding> findings) {
    List<Finding> newest = new ArrayList<>();
    findings.forEach(finding -> finding.addTo(newest));
    return newest;
  }

  /** Adds this to the findings of the newest run, unless it is of an older one. */
  void addTo(List<Finding> newest) {
    int order = newest.isEmpty() ? 0 : run.compareTo(newest.get(0).run);
    if (order > 0) {
      newest.clear();
    }
    if (order >= 0) {
      newest.add(this);
    }
  }

  /** Returns the address of the file. */
  public String uri() {
    return image != null ? image.uri() : Objects.requireNonNull(reject).get("uri").toString();
  }

  /** Encodes a finding. */
  public static final class FindingCoder extends AtomicCoder<Finding> {
    private static final long serialVersionUID = 1;
    private static final Coder<@Nullable ImageRef> IMAGE = NullableCoder.of(ImageRefCoder.of());
    private static final Coder<@Nullable GenericRecord> REJECT =
        NullableCoder.of(AvroCoder.of(Reject.SCHEMA));

    @Override
    public void encode(Finding finding, OutputStream out) throws IOException {
      StringUtf8Coder.of().encode(finding.run, out);
      IMAGE.encode(finding.image, out);
      REJECT.encode(finding.reject, out);
      BooleanCoder.of().encode(finding.isFinal, out);
    }

    @Override
    public Finding decode(InputStream in) throws IOException {
      return new Finding(
          StringUtf8Coder.of().decode(in),
          IMAGE.decode(in),
          REJECT.decode(in),
          BooleanCoder.of().decode(in));
    }
  }
}

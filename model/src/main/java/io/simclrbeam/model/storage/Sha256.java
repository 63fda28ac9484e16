package io.simclrbeam.model.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 in lower-case hexadecimal. */
public final class Sha256 {
  private Sha256() {}

  /** Returns the digest of bytes. */
  public static String of(byte[] bytes) {
    return hex(newDigest().digest(bytes));
  }

  /** Returns the digest of the rest of a stream. */
  public static String of(InputStream in) throws IOException {
    try (Input input = new Input(in)) {
      return input.digest();
    }
  }

  /** A stream that knows the digest of what it read. */
  public static final class Input extends DigestInputStream {
    /** Reads another stream. */
    public Input(InputStream in) {
      super(in, newDigest());
    }

    /** Reads what is left; returns the digest of all. */
    public String digest() throws IOException {
      transferTo(OutputStream.nullOutputStream());
      return hex(getMessageDigest().digest());
    }
  }

  /** Writes content to a store and returns its digest. */
  public static String write(FileStore store, String name, FileStore.Content content)
      throws IOException {
    MessageDigest digest = newDigest();
    store.write(
        name,
        out -> {
          digest.reset();
          OutputStream stream = new DigestOutputStream(out, digest);
          content.writeTo(stream);
          stream.flush();
        });
    return hex(digest.digest());
  }

  static String hex(byte[] digest) {
    return HexFormat.of().formatHex(digest);
  }

  static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

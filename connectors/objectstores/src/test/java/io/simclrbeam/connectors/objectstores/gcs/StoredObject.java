package io.simclrbeam.connectors.objectstores.gcs;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;

/** An object in a bucket, of one generation. */
record StoredObject(
    String bucket,
    String name,
    String contentType,
    long generation,
    Instant updated,
    byte[] bytes) {

  /** Returns the resource that the API has for it. */
  Map<String, String> resource() {
    return Map.of(
        "kind",
        "storage#object",
        "bucket",
        bucket,
        "name",
        name,
        "contentType",
        contentType,
        "generation",
        Long.toString(generation),
        "metageneration",
        "1",
        "size",
        Long.toString(bytes.length),
        "updated",
        updated.toString(),
        "timeCreated",
        updated.toString(),
        "md5Hash",
        md5());
  }

  private String md5() {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

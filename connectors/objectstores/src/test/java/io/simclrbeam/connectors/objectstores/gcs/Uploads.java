package io.simclrbeam.connectors.objectstores.gcs;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Resumable uploads, which come in chunks; an object is there once its last one is. */
final class Uploads {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The first and last byte of a chunk, if there are any, and the whole size once it is known. */
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (?:\\*|(\\d+)-(\\d+))/(?:\\*|(\\d+))");

  /** Chunks but the last are of a multiple of it. */
  private static final int QUANTUM = 256 << 10;

  private record Upload(
      Bucket bucket, String object, String contentType, ByteArrayOutputStream bytes) {}

  private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
  private final AtomicLong ids = new AtomicLong();

  /** Begins one; answers with the address for its chunks. */
  Response begin(Request request, Bucket bucket, String root) throws IOException {
    @Nullable String name = request.query().get("name");
    if (name == null) {
      name = JSON.readTree(request.body()).required("name").asText();
    }
    String type = request.header("x-upload-content-type");
    String id = Long.toString(ids.incrementAndGet());
    uploads.put(
        id,
        new Upload(
            bucket,
            name,
            type == null ? "application/octet-stream" : type,
            new ByteArrayOutputStream()));
    return Response.empty(
        200,
        Map.of(
            "Location",
            root + "/" + String.join("/", request.path()) + "?uploadType=resumable&upload_id=" + id,
            "X-GUploader-UploadID",
            id));
  }

  /** Takes a chunk. */
  Response add(Request request) {
    String id = Objects.requireNonNull(request.query().get("upload_id"));
    @Nullable Upload upload = uploads.get(id);
    if (upload == null) {
      return Response.error(404, "notFound", "There is no upload " + id);
    }
    Matcher range = CONTENT_RANGE.matcher(String.valueOf(request.header("content-range")));
    ByteArrayOutputStream bytes = upload.bytes;
    if (!range.matches()
        || (range.group(1) != null
            && (Long.parseLong(range.group(1)) != bytes.size()
                || Long.parseLong(range.group(2)) != bytes.size() + request.body().length - 1L))) {
      return Response.error(400, "invalid", "A chunk that does not follow the last: " + request);
    }
    bytes.writeBytes(request.body());
    if (range.group(3) == null) {
      if (bytes.size() % QUANTUM != 0) {
        return Response.error(400, "invalid", "A chunk of an odd size: " + request);
      }
      return Response.empty(308, Map.of("Range", "bytes=0-" + (bytes.size() - 1)));
    }
    if (Long.parseLong(range.group(3)) != bytes.size()) {
      return Response.error(400, "invalid", "An upload that does not end where it says");
    }
    uploads.remove(id);
    return Response.json(
        upload.bucket.put(upload.object, upload.contentType, bytes.toByteArray()).resource());
  }
}

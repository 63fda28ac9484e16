package io.simclrbeam.connectors.objectstores.gcs;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A request, alone or within a batch.
 *
 * @param path its parts, decoded: names of objects hold slashes
 * @param headers by names in lower case
 * @param body without any compression that it was sent with
 */
record Request(
    String method,
    List<String> path,
    Map<String, String> query,
    Map<String, String> headers,
    byte[] body) {

  static Request of(String method, URI uri, Map<String, String> headers, byte[] body)
      throws IOException {
    byte[] plain = body;
    if ("gzip".equals(headers.get("content-encoding"))) {
      plain = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
    }
    List<String> path =
        Arrays.stream(uri.getRawPath().substring(1).split("/", -1))
            .map(part -> URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8))
            .toList();
    Map<String, String> query = new TreeMap<>();
    if (uri.getRawQuery() != null) {
      for (String pair : uri.getRawQuery().split("&", -1)) {
        String[] parts = pair.split("=", 2);
        query.put(
            parts[0], parts.length < 2 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
      }
    }
    return new Request(method, path, query, headers, plain);
  }

  /** Returns a header, or null. */
  @Nullable String header(String name) {
    return headers.get(name);
  }

  @Override
  public String toString() {
    return "%s %s ?%s".formatted(method, path, query);
  }
}

package io.simclrbeam.connectors.objectstores.gcs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;

/** What is answered to a {@link Request}. */
record Response(int status, Map<String, String> headers, byte[] body) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Response json(Object value) {
    return json(200, value);
  }

  static Response empty(int status, Map<String, String> headers) {
    return new Response(status, headers, new byte[0]);
  }

  /** Returns an error as the API spells it. */
  static Response error(int status, String reason, String message) {
    Map<String, String> detail = Map.of("domain", "global", "reason", reason, "message", message);
    return json(
        status,
        Map.of("error", Map.of("code", status, "message", message, "errors", List.of(detail))));
  }

  private static Response json(int status, Object value) {
    try {
      return new Response(
          status,
          Map.of("Content-Type", "application/json; charset=UTF-8"),
          JSON.writeValueAsBytes(value));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}

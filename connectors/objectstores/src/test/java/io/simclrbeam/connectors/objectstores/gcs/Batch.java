package io.simclrbeam.connectors.objectstores.gcs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Many requests in the body of one, and their answers in the body of its answer. */
final class Batch {
  private static final String BOUNDARY = "answers";
  private static final String END = "\r\n";

  private Batch() {}

  /** Returns the requests in the body of one. */
  static List<Request> requests(Request batch) throws IOException {
    String type = String.valueOf(batch.header("content-type"));
    String boundary = "--" + type.substring(type.indexOf("boundary=") + 9).replace("\"", "");
    String body = new String(batch.body(), StandardCharsets.ISO_8859_1);
    List<Request> requests = new ArrayList<>();
    for (String part : body.split(java.util.regex.Pattern.quote(boundary), -1)) {
      if (part.isBlank() || part.startsWith("--")) {
        continue;
      }
      String request = afterBlankLine(part);
      String head = request.substring(0, request.length() - afterBlankLine(request).length());
      List<String> lines = head.strip().lines().toList();
      String[] first = lines.get(0).split(" ", -1);
      Map<String, String> headers = new TreeMap<>();
      for (String line : lines.subList(1, lines.size())) {
        String[] header = line.split(":", 2);
        headers.put(header[0].toLowerCase(Locale.ROOT), header[1].strip());
      }
      byte[] content = afterBlankLine(request).strip().getBytes(StandardCharsets.ISO_8859_1);
      requests.add(Request.of(first[0], URI.create(first[1]), headers, content));
    }
    return requests;
  }

  private static String afterBlankLine(String text) {
    int blank = text.indexOf(END + END);
    return blank < 0 ? "" : text.substring(blank + 2 * END.length());
  }

  /** Returns the answer to a batch from the answers to its requests, in their order. */
  static Response response(List<Response> responses) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (Response response : responses) {
      StringBuilder head = new StringBuilder();
      head.append("--").append(BOUNDARY).append(END);
      head.append("Content-Type: application/http").append(END).append(END);
      head.append("HTTP/1.1 ").append(response.status()).append(" Status").append(END);
      response
          .headers()
          .forEach((name, value) -> head.append(name).append(": ").append(value).append(END));
      head.append("Content-Length: ").append(response.body().length).append(END).append(END);
      body.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
      body.writeBytes(response.body());
      body.writeBytes(END.getBytes(StandardCharsets.ISO_8859_1));
    }
    body.writeBytes(("--" + BOUNDARY + "--" + END).getBytes(StandardCharsets.ISO_8859_1));
    return new Response(
        200, Map.of("Content-Type", "multipart/mixed; boundary=" + BOUNDARY), body.toByteArray());
  }
}

package io.simclrbeam.connectors.objectstores.gcs;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The requests that are understood. Whatever else comes fails and is kept for the test to see, so
 * that nothing of a client's request is passed over.
 *
 * <p>Objects larger than {@link #LARGEST_REWRITE} are rewritten in two requests, and lists come in
 * pages of {@link #PAGE}, however many are asked for: as with the real ones, but sooner.
 */
final class Api {
  private static final int PAGE = 24;
  private static final int LARGEST_REWRITE = 256 << 10;

  /** What shapes only the form of an answer. */
  private static final Set<String> FORM = Set.of("fields", "prettyPrint", "projection");

  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

  private final Map<String, Bucket> buckets;
  private final Set<String> readOnly;
  private final Set<String> forbidden;
  private final String root;
  private final Uploads uploads = new Uploads();
  private final List<String> notUnderstood = new CopyOnWriteArrayList<>();

  /**
   * Serves buckets.
   *
   * @param root address of the server, without a path
   */
  Api(Map<String, Bucket> buckets, Set<String> readOnly, Set<String> forbidden, String root) {
    this.buckets = buckets;
    this.readOnly = readOnly;
    this.forbidden = forbidden;
    this.root = root;
  }

  Response answer(Request request) throws IOException {
    List<String> path = request.path();
    if (is(request, "POST", "batch", "storage", "v1")) {
      List<Response> responses = new ArrayList<>();
      for (Request part : Batch.requests(request)) {
        responses.add(answer(part));
      }
      return Batch.response(responses);
    }
    boolean upload = path.get(0).equals("upload");
    int bucketAt = upload || path.get(0).equals("download") ? 4 : 3;
    if (path.size() <= bucketAt || !path.get(bucketAt - 1).equals("b")) {
      return unknown(request.toString());
    }
    String name = path.get(bucketAt);
    if (forbidden.contains(name) || (readOnly.contains(name) && !request.method().equals("GET"))) {
      return Response.error(
          403, "forbidden", "Anonymous caller does not have access to bucket %s.".formatted(name));
    }
    @Nullable Bucket bucket = buckets.get(name);
    if (bucket == null) {
      return Response.error(404, "notFound", "The specified bucket does not exist.");
    }
    return upload ? upload(request, bucket) : answer(request, bucket);
  }

  private Response answer(Request request, Bucket bucket) {
    List<String> path = request.path();
    if (is(request, "GET", "storage", "v1", "b", "*", "o")
        && takes(request, "prefix", "delimiter", "maxResults", "pageToken")) {
      return list(request, bucket);
    }
    if (is(request, "GET", "storage", "v1", "b", "*", "o", "*") && takes(request, "generation")) {
      return found(request, bucket, path.get(5))
          .map(o -> Response.json(o.resource()))
          .orElseGet(() -> missing(path.get(5)));
    }
    if (is(request, "GET", "download", "storage", "v1", "b", "*", "o", "*")
        && takes(request, "alt", "generation")
        && "media".equals(request.query().get("alt"))) {
      return found(request, bucket, path.get(6))
          .map(o -> media(request, o))
          .orElseGet(() -> missing(path.get(6)));
    }
    if (is(request, "DELETE", "storage", "v1", "b", "*", "o", "*") && takes(request)) {
      return bucket.remove(path.get(5)) ? Response.empty(204, Map.of()) : missing(path.get(5));
    }
    if (is(request, "POST", "storage", "v1", "b", "*", "o", "*", "rewriteTo", "b", "*", "o", "*")
        && takes(request, "rewriteToken")) {
      return bucket
          .get(path.get(5))
          .map(object -> rewrite(request, object))
          .orElseGet(() -> missing(path.get(5)));
    }
    return unknown(request.toString());
  }

  private Response upload(Request request, Bucket bucket) throws IOException {
    if (is(request, "POST", "upload", "storage", "v1", "b", "*", "o")
        && takes(request, "uploadType", "name", "ifGenerationMatch")
        && "resumable".equals(request.query().get("uploadType"))) {
      @Nullable String expected = request.query().get("ifGenerationMatch");
      Optional<StoredObject> there = bucket.get(String.valueOf(request.query().get("name")));
      if (expected != null
          && !expected.equals(there.map(o -> Long.toString(o.generation())).orElse("0"))) {
        return Response.error(412, "conditionNotMet", "Another generation than " + expected);
      }
      return uploads.begin(request, bucket, root);
    }
    if (is(request, "PUT", "upload", "storage", "v1", "b", "*", "o")
        && takes(request, "uploadType", "upload_id")) {
      return uploads.add(request);
    }
    return unknown(request.toString());
  }

  private static Response list(Request request, Bucket bucket) {
    String prefix = request.query().getOrDefault("prefix", "");
    String from = request.query().getOrDefault("pageToken", "");
    String delimiter = request.query().getOrDefault("delimiter", "");
    List<Object> items = new ArrayList<>();
    Set<String> prefixes = new LinkedHashSet<>();
    Map<String, Object> answer = new HashMap<>();
    answer.put("kind", "storage#objects");
    for (StoredObject object : bucket.list(prefix, from)) {
      String name = object.name();
      int end = delimiter.isEmpty() ? -1 : name.indexOf(delimiter, prefix.length());
      if (end >= 0 && prefixes.contains(name.substring(0, end + 1))) {
        continue;
      }
      if (items.size() + prefixes.size() == PAGE) {
        answer.put("nextPageToken", name);
        break;
      }
      if (end < 0) {
        items.add(object.resource());
      } else {
        prefixes.add(name.substring(0, end + 1));
      }
    }
    if (!items.isEmpty()) {
      answer.put("items", items);
    }
    if (!prefixes.isEmpty()) {
      answer.put("prefixes", prefixes);
    }
    return Response.json(answer);
  }

  private static Optional<StoredObject> found(Request request, Bucket bucket, String object) {
    @Nullable String generation = request.query().get("generation");
    return bucket
        .get(object)
        .filter(o -> generation == null || generation.equals(Long.toString(o.generation())));
  }

  private Response media(Request request, StoredObject object) {
    byte[] bytes = object.bytes();
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", object.contentType());
    headers.put("x-goog-generation", Long.toString(object.generation()));
    @Nullable String asked = request.header("range");
    if (asked == null) {
      return new Response(200, headers, bytes);
    }
    Matcher range = RANGE.matcher(asked);
    if (!range.matches()) {
      return unknown(request.toString());
    }
    int first = Integer.parseInt(range.group(1));
    int last =
        range.group(2).isEmpty()
            ? bytes.length - 1
            : (int) Math.min(bytes.length - 1L, Long.parseLong(range.group(2)));
    if (first > last) {
      return Response.error(416, "requestedRangeNotSatisfiable", "There are no bytes " + asked);
    }
    headers.put("Content-Range", "bytes %d-%d/%d".formatted(first, last, bytes.length));
    return new Response(206, headers, Arrays.copyOfRange(bytes, first, last + 1));
  }

  private Response rewrite(Request request, StoredObject from) {
    @Nullable Bucket to = buckets.get(request.path().get(8));
    if (to == null) {
      return Response.error(404, "notFound", "The specified bucket does not exist.");
    }
    Map<String, Object> answer = new HashMap<>();
    answer.put("kind", "storage#rewriteResponse");
    answer.put("objectSize", Integer.toString(from.bytes().length));
    if (from.bytes().length > LARGEST_REWRITE && !request.query().containsKey("rewriteToken")) {
      answer.put("done", false);
      answer.put("totalBytesRewritten", Integer.toString(LARGEST_REWRITE));
      answer.put("rewriteToken", "go on");
      return Response.json(answer);
    }
    StoredObject copy = to.put(request.path().get(10), from.contentType(), from.bytes());
    answer.put("done", true);
    answer.put("totalBytesRewritten", Integer.toString(from.bytes().length));
    answer.put("resource", copy.resource());
    return Response.json(answer);
  }

  private static Response missing(String object) {
    return Response.error(404, "notFound", "No such object: " + object);
  }

  /** Not with status 501, which clients take for a passing trouble: they try again for minutes. */
  Response unknown(String what) {
    notUnderstood.add(what);
    return Response.error(400, "notImplemented", "The test's server does not know " + what);
  }

  /** Returns the requests that were not understood. */
  List<String> notUnderstood() {
    return List.copyOf(notUnderstood);
  }

  /** Returns whether a request has a method and a path; {@code *} stands for any name. */
  private static boolean is(Request request, String method, String... path) {
    List<String> parts = request.path();
    if (!request.method().equals(method) || parts.size() != path.length) {
      return false;
    }
    for (int i = 0; i < path.length; i++) {
      if (!path[i].equals("*") && !path[i].equals(parts.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean takes(Request request, String... parameters) {
    return request.query().keySet().stream()
        .allMatch(name -> FORM.contains(name) || Arrays.asList(parameters).contains(name));
  }
}

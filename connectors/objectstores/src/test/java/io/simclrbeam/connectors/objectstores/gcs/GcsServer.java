package io.simclrbeam.connectors.objectstores.gcs;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Google Cloud Storage in this process, with buckets in memory: {@code open}, {@code readonly}, and
 * {@code forbidden}, which lets nobody in. Another one, {@code large}, has a file and a folder of
 * 1,001. Other buckets are not there.
 */
public final class GcsServer implements AutoCloseable {
  static {
    // Else an answer's body waits for the client to acknowledge its head, which takes 40 ms.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Api api;

  /** Starts it on this machine only. */
  public GcsServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    api =
        new Api(
            Map.of(
                "open", new Bucket("open"), "readonly", new Bucket("readonly"), "large", large()),
            Set.of("readonly"),
            Set.of("forbidden"),
            root());
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  private String root() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private static Bucket large() {
    Bucket bucket = new Bucket("large");
    for (int i = 0; i < 1002; i++) {
      bucket.put(i == 0 ? "top" : "[a]/" + i, "image/png", new byte[1]);
    }
    return bucket;
  }

  /** Returns the address for {@code --gcsEndpoint}. */
  public String endpoint() {
    return root() + "/storage/v1";
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Response response = answer(exchange);
      response.headers().forEach(exchange.getResponseHeaders()::set);
      int length = response.body().length;
      exchange.sendResponseHeaders(response.status(), length == 0 ? -1 : length);
      exchange.getResponseBody().write(response.body());
    }
  }

  private Response answer(HttpExchange exchange) {
    String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    try {
      Map<String, String> headers = new HashMap<>();
      exchange
          .getRequestHeaders()
          .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
      return api.answer(
          Request.of(
              exchange.getRequestMethod(),
              exchange.getRequestURI(),
              headers,
              exchange.getRequestBody().readAllBytes()));
    } catch (IOException | RuntimeException e) {
      return api.unknown(line + " makes " + e);
    }
  }

  /** Returns the requests that it did not understand, which should be none. */
  public List<String> notUnderstood() {
    return api.notUnderstood();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}

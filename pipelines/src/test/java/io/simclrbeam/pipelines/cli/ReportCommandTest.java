package io.simclrbeam.pipelines.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import io.simclrbeam.model.image.Png;
import io.simclrbeam.model.sample.SampleImages;
import io.simclrbeam.model.storage.Sha256;
import io.simclrbeam.transforms.dataset.FileFormat;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import javax.imageio.ImageIO;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.io.FileSystems;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Makes a page of everything, reads what is in it, and walks through it in a browser. */
final class ReportCommandTest {
  private static final int IMAGES = 90;
  private static final int K = 6;

  /** An image whose name would be a program if it were not a text. */
  private static final String NASTY = "checker/<script>alert(1)</script>&\"'.png";

  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");

  @TempDir private static Path folder;
  private static Path page;
  private static String html;
  private static Playwright playwright;
  private static Browser browser;

  @BeforeAll
  static void makePage() throws IOException {
    for (int i = 0; i < IMAGES; i++) {
      String name = SampleImages.classNames().get(i % 3);
      write("images/%s/%s-%03d.png".formatted(name, name, i), i);
    }
    write("images/" + NASTY, 200);
    Files.copy(
        folder
            .resolve("images/" + SampleImages.classNames().get(0) + "/")
            .resolve(SampleImages.classNames().get(0) + "-000.png"),
        folder.resolve("images/" + SampleImages.classNames().get(0) + "/twin.png"));
    Files.writeString(folder.resolve("images/broken.png"), "no picture");
    CommandRun.expecting(
        0,
        "train",
        "--runner=direct",
        "--input=" + folder.resolve("images"),
        "--model=" + folder.resolve("model"),
        "--width=0.125",
        "--imageSize=8",
        "--batchSize=16",
        "--steps=6",
        "--probeEpochs=1",
        "--device=cpu");
    CommandRun.expecting(
        0,
        "embed",
        "--runner=direct",
        "--input=" + folder.resolve("images"),
        "--model=" + folder.resolve("model"),
        "--output=" + folder.resolve("embeddings"),
        "--labels=folder",
        "--device=cpu");
    CommandRun.expecting(
        0,
        "evaluate",
        "--train=" + folder.resolve("embeddings"),
        "--test=" + folder.resolve("embeddings"),
        "--output=" + folder.resolve("evaluation.json"));
    page = folder.resolve("report.html");
    CommandRun run = report("--evaluation=" + folder.resolve("evaluation.json"), "--k=" + K);
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("with a map of all 92 images.");
    html = Files.readString(page);
  }

  private static void write(String name, int seed) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, Png.encode(SampleImages.draw(seed % 3, seed, 24, 2)));
  }

  private static CommandRun report(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "report",
                "--model=" + folder.resolve("model"),
                "--embeddings=" + folder.resolve("embeddings"),
                "--output=" + page));
    arguments.addAll(List.of(more));
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  @AfterAll
  static void closeBrowser() {
    if (playwright != null) {
      playwright.close();
    }
  }

  private static String block(String text, String id) {
    Matcher block =
        Pattern.compile("<script type=\"[a-z/]+\" id=\"%s\">([^<]*)</script>".formatted(id))
            .matcher(text);
    assertThat(block.find()).as(id).isTrue();
    return block.group(1);
  }

  private static JsonNode data(String text) throws IOException {
    return new ObjectMapper().readTree(block(text, "report"));
  }

  /** Returns the bytes of an array of the map. */
  private static ByteBuffer array(String name) throws IOException {
    byte[] all =
        new GZIPInputStream(
                new ByteArrayInputStream(Base64.getDecoder().decode(block(html, "arrays"))))
            .readAllBytes();
    int from = 0;
    for (JsonNode entry : data(html).at("/map/arrays")) {
      String type = entry.get("type").textValue();
      int size = type.equals("utf8") ? 1 : type.equals("uint16") ? 2 : 4;
      int length = size * entry.get("length").intValue();
      if (entry.get("name").textValue().equals(name)) {
        return ByteBuffer.wrap(all, from, length).slice().order(ByteOrder.LITTLE_ENDIAN);
      }
      from += length;
    }
    throw new AssertionError("there is no array " + name);
  }

  private static List<String> ids() throws IOException {
    ByteBuffer bytes = array("ids");
    List<String> ids = new ArrayList<>();
    new ObjectMapper()
        .readTree(UTF_8.decode(bytes).toString())
        .forEach(id -> ids.add(id.textValue()));
    return ids;
  }

  @Test
  void theMapHasEachImageAndWhatNeighborsFinds() throws IOException {
    List<String> ids = ids();
    assertThat(ids).hasSize(IMAGES + 2).isSorted().contains(NASTY);
    int row = ids.indexOf(NASTY);
    Path file = folder.resolve("neighbors.json");
    CommandRun.expecting(
        0,
        "neighbors",
        "--embeddings=" + folder.resolve("embeddings"),
        "--query=" + NASTY,
        "--k=" + K,
        "--output=" + file);
    JsonNode neighbors = new ObjectMapper().readTree(file.toFile()).at("/queries/0/neighbors");
    assertThat(neighbors).hasSize(K);
    for (int rank = 0; rank < K; rank++) {
      assertThat(ids.get(array("neighbors").asIntBuffer().get(row * K + rank)))
          .isEqualTo(neighbors.get(rank).get("id").textValue());
      int similarity = array("similarity").asShortBuffer().get(row * K + rank) & 0xFFFF;
      assertThat(2 * similarity / 65535.0 - 1)
          .isCloseTo(neighbors.get(rank).get("similarity").doubleValue(), within(2e-5));
    }
  }

  @Test
  void thePageHasAllParts() throws IOException {
    JsonNode report = data(html);
    assertThat(report.get("missing")).isEmpty();
    assertThat(report.at("/training/steps/step")).hasSize(6);
    assertThat(report.at("/training/chance_loss").doubleValue())
        .isCloseTo(Math.log(31), within(1e-12));
    assertThat(report.at("/training/probes/knn_top1")).isNotEmpty();
    assertThat(report.at("/evaluation/classes")).hasSize(4);
    assertThat(report.at("/data_set/runs")).hasSize(1);
    assertThat(report.at("/data_set/rejects/total").intValue()).isEqualTo(1);
    assertThat(report.at("/data_set/rejects/examples/0/id").textValue()).isEqualTo("broken.png");
    assertThat(report.at("/map/labels")).hasSize(4);
    // The twin and its original are of the same bytes.
    List<String> ids = ids();
    Set<String> group = new TreeSet<>();
    for (JsonNode one : report.at("/map/groups")) {
      one.get("points").forEach(point -> group.add(ids.get(point.intValue())));
    }
    assertThat(group)
        .anyMatch(id -> id.endsWith("/twin.png"))
        .anyMatch(id -> id.endsWith("-000.png"));
    byte[] sheet = Base64.getDecoder().decode(block(html, "sheet-0"));
    assertThat(ImageIO.read(new ByteArrayInputStream(sheet)).getWidth()).isEqualTo(64 * 48);
  }

  /** Each point has the picture and the label of its image, on the page and in the table. */
  @Test
  void picturesAndLabelsAreThoseOfTheirImages() throws IOException {
    Path table = folder.resolve("pictures.parquet");
    CommandRun.expecting(
        0,
        "report",
        "--embeddings=" + folder.resolve("embeddings"),
        "--output=" + folder.resolve("pictures.html"),
        "--table=" + table);
    List<BufferedImage> small = new ArrayList<>();
    FileFormat.of("parquet")
        .read(
            FileSystems.matchNewResource(table.toString(), false),
            row -> {
              ByteBuffer jpeg = (ByteBuffer) ((GenericRecord) row.get("image")).get("bytes");
              byte[] bytes = new byte[jpeg.remaining()];
              jpeg.get(bytes);
              small.add(ImageIO.read(new ByteArrayInputStream(bytes)));
            });
    BufferedImage sheet =
        ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(block(html, "sheet-0"))));
    List<String> ids = ids();
    for (int i = 0; i < ids.size(); i++) {
      BufferedImage image = ImageIO.read(folder.resolve("images/" + ids.get(i)).toFile());
      BufferedImage cell = sheet.getSubimage(i % 64 * 48, i / 64 * 48, 48, 48);
      int[] expected = quarters(image);
      for (BufferedImage drawn : List.of(small.get(i), cell)) {
        int[] actual = quarters(drawn);
        for (int k = 0; k < expected.length; k++) {
          assertThat(actual[k]).as(ids.get(i)).isCloseTo(expected[k], within(6));
        }
      }
      String label =
          data(html).at("/map/labels/" + array("label").asIntBuffer().get(i)).textValue();
      String place = ids.get(i);
      assertThat(label).isEqualTo(Path.of(place).getParent().getFileName().toString());
    }
  }

  /** Returns the mean red, green and blue of the quarters of a picture. */
  private static int[] quarters(BufferedImage image) {
    int[] means = new int[12];
    int half = image.getWidth() / 2;
    for (int i = 0; i < means.length; i++) {
      int sum = 0;
      for (int y = 0; y < half; y++) {
        for (int x = 0; x < half; x++) {
          int color = image.getRGB(x + i / 3 % 2 * half, y + i / 6 * half);
          sum += (color >> (8 * (i % 3))) & 0xFF;
        }
      }
      means[i] = sum / (half * half);
    }
    return means;
  }

  @Test
  void librariesAreThoseThatTheirPageNames() throws IOException {
    Path lib = Path.of("src/main/resources/io/simclrbeam/pipelines/report/lib");
    String readme = Files.readString(lib.resolve("README.md"));
    for (String name : List.of("regl-scatterplot.js", "uPlot.iife.min.js", "uPlot.min.css")) {
      byte[] bytes = Files.readAllBytes(lib.resolve(name));
      assertThat(readme)
          .contains("| `%s` | %d | `%s` |".formatted(name, bytes.length, Sha256.of(bytes)));
    }
  }

  @Test
  void nothingInThePageIsRunOrLoaded() {
    assertThat(html)
        .doesNotContain("alert(1)</script>")
        .doesNotContainPattern("(src|href)=\"?http");
    assertThat(html.split("</script>", -1)).hasSize(1 + 3 + 4); // libraries and blocks of data
  }

  @Test
  void theSamePageIsMadeAgain() throws IOException {
    String before = block(html, "arrays");
    Path again = folder.resolve("again.html");
    CommandRun run =
        CommandRun.of(
            "report",
            "--embeddings=" + folder.resolve("embeddings"),
            "--output=" + again,
            "--k=" + K);
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("It lacks: Model, training curves and views. Give --model=FOLDER")
        .contains("It lacks: Evaluation. Give --evaluation=FILE.");
    assertThat(block(Files.readString(again), "arrays")).isEqualTo(before);
  }

  @Test
  void theTableHasWhatThePageHas() throws IOException {
    Path table = folder.resolve("map.parquet");
    CommandRun run =
        CommandRun.expecting(
            0,
            "report",
            "--embeddings=" + folder.resolve("embeddings"),
            "--output=" + folder.resolve("table.html"),
            "--table=" + table,
            "--k=" + K);
    assertThat(run.out()).contains("The points of the map are in " + table);
    List<GenericRecord> rows = new ArrayList<>();
    FileFormat.of("parquet").read(FileSystems.matchNewResource(table.toString(), false), rows::add);
    List<String> ids = ids();
    assertThat(rows.stream().map(row -> row.get("id").toString())).isEqualTo(ids);
    int row = ids.indexOf(NASTY);
    GenericRecord neighbors = (GenericRecord) rows.get(row).get("neighbors");
    List<?> near = (List<?>) neighbors.get("ids");
    assertThat(near).hasSize(K);
    for (int rank = 0; rank < K; rank++) {
      assertThat(((Number) near.get(rank)).intValue())
          .isEqualTo(array("neighbors").asIntBuffer().get(row * K + rank));
      int similarity = array("similarity").asShortBuffer().get(row * K + rank) & 0xFFFF;
      assertThat(number(((List<?>) neighbors.get("distances")).get(rank)))
          .isCloseTo(2 - 2 * similarity / 65535.0, within(2e-5));
    }
    ByteBuffer jpeg = (ByteBuffer) ((GenericRecord) rows.get(row).get("image")).get("bytes");
    byte[] bytes = new byte[jpeg.remaining()];
    jpeg.get(bytes);
    assertThat(ImageIO.read(new ByteArrayInputStream(bytes)).getHeight()).isEqualTo(48);
    assertThat(rows).allMatch(one -> (double) one.get("outlier") >= 0);
    assertThat(CommandRun.expecting(2, "report", "--model=m", "--output=o", "--table=t.csv").err())
        .contains("--table is 't.csv', but must be the name of a .parquet file")
        .contains("--table needs --embeddings");
  }

  @Test
  void aSmallerMapIsAPartOfALargerOne() throws IOException {
    Path small = folder.resolve("small.html");
    CommandRun run =
        CommandRun.of(
            "report",
            "--embeddings=" + folder.resolve("embeddings"),
            "--output=" + small,
            "--points=20");
    assertThat(run.out()).contains("with a map of 20 of 92 images.");
    assertThat(data(Files.readString(small)).at("/map/points").intValue()).isEqualTo(20);
  }

  @Test
  void picturesThatAreGoneAreSaid() throws IOException {
    Path moved = folder.resolve("moved");
    Path output = folder.resolve("gone.html");
    Files.move(folder.resolve("images"), moved);
    try {
      CommandRun run =
          CommandRun.of(
              "report",
              "--model=" + folder.resolve("model"),
              "--embeddings=" + folder.resolve("embeddings"),
              "--output=" + output);
      assertThat(run.exitCode()).isZero();
      assertThat(run.out())
          .contains("It lacks: Thumbnails of 92 of 92 images.")
          .contains("It lacks: Views.");
      assertThat(data(Files.readString(output)).at("/map/thumbnail").isNull()).isTrue();
    } finally {
      Files.move(moved, folder.resolve("images"));
    }
  }

  @Test
  void mistakesAreSaid() throws IOException {
    String other = folder.resolve("other.json").toString();
    Files.writeString(
        Path.of(other),
        Files.readString(folder.resolve("evaluation.json"))
            .replaceFirst("\"model_id\" : \"[0-9a-f]+", "\"model_id\" : \"0123456789ab"));
    assertThat(report("--evaluation=" + other).err())
        .contains("other.json is of model 0123456789ab, but the report is about model");
    assertThat(report("--evaluation=" + folder.resolve("none.json")).err())
        .contains("There is no file --evaluation=");
    assertThat(report("--evaluation=" + folder.resolve("images/broken.png")).err())
        .contains("Write it again with 'simclr evaluate --output=FILE'.");
    assertThat(CommandRun.expecting(2, "report", "--output=" + page).err())
        .contains("neither --model nor --embeddings is given");
    assertThat(
            CommandRun.expecting(
                    2, "report", "--model=" + folder.resolve("images"), "--output=" + page)
                .err())
        .contains("There is no model in --model=");
  }

  /** Opens the page in a browser, and closes it when all is drawn and what is asked is done. */
  private static Page open(int width, ColorScheme scheme, List<String> complaints) {
    assumeTrue(Files.isExecutable(CHROMIUM), "there is no " + CHROMIUM);
    if (browser == null) {
      browser = launch("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader");
    }
    return open(browser, width, scheme, complaints);
  }

  private static Browser launch(String... graphics) {
    if (playwright == null) {
      playwright =
          Playwright.create(
              new Playwright.CreateOptions()
                  .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    }
    List<String> arguments =
        new ArrayList<>(
            List.of("--no-sandbox", "--disable-quic", "--disable-background-networking"));
    arguments.addAll(List.of(graphics));
    return playwright
        .chromium()
        .launch(new BrowserType.LaunchOptions().setExecutablePath(CHROMIUM).setArgs(arguments));
  }

  private static Page open(
      Browser browser, int width, ColorScheme scheme, List<String> complaints) {
    Page opened =
        browser.newPage(
            new Browser.NewPageOptions().setViewportSize(width, 900).setColorScheme(scheme));
    opened.setDefaultTimeout(300_000);
    opened.onConsoleMessage(
        message -> {
          // What software that stands in for a graphics processor says of its own speed.
          if (!message.text().contains("GL Driver Message")) {
            complaints.add(message.text());
          }
        });
    opened.onPageError(complaints::add);
    opened.onRequest(
        request -> {
          if (!request.url().matches("(?s)(file|data|blob):.*")) {
            complaints.add(request.url());
          }
        });
    opened.navigate(page.toUri().toString());
    opened.evaluate("window.simclrReport.ready");
    return opened;
  }

  @Test
  void theMapAnswersInABrowser() throws IOException {
    List<String> complaints = new ArrayList<>();
    try (Page opened = open(1400, ColorScheme.LIGHT, complaints)) {
      List<String> ids = ids();
      int row = ids.indexOf(NASTY);
      List<?> place = (List<?>) opened.evaluate("simclrReport.place(%d)".formatted(row));
      opened.mouse().move(number(place.get(0)), number(place.get(1)));
      assertThat(opened.locator("#hover .thumb").isVisible()).isTrue();

      opened.mouse().click(number(place.get(0)), number(place.get(1)));
      opened.waitForSelector("#neighbors");
      assertThat(opened.locator("#selected .id").textContent()).isEqualTo(NASTY);
      assertThat(opened.locator("#neighbors [data-point]").count()).isEqualTo(K);
      for (int rank = 0; rank < K; rank++) {
        assertThat(opened.locator("#neighbors [data-point]").nth(rank).getAttribute("data-point"))
            .isEqualTo("" + array("neighbors").asIntBuffer().get(row * K + rank));
      }
      assertThat(drawn(opened.locator("#selected > canvas"))).isTrue();

      opened.locator("#neighbors [data-point]").first().click();
      assertThat(opened.locator("#selected .id").textContent())
          .isEqualTo(ids.get(array("neighbors").asIntBuffer().get(row * K)));

      opened.locator("#search").fill("TWIN");
      opened.locator("#search").press("Enter");
      assertThat(opened.locator("#selected .id").textContent()).endsWith("/twin.png");
      opened.locator("#map > canvas").press("ArrowRight");
      opened.locator("#map > canvas").press("Escape");
      assertThat(opened.locator("#neighbors").count()).isZero();

      opened.evaluate("simclrReport.settled()");
      Locator map = opened.locator("#map > canvas");
      opened.locator("#lasso").click();
      double left = map.boundingBox().x + 4;
      double top = map.boundingBox().y + 4;
      double right = left + map.boundingBox().width - 8;
      double bottom = top + map.boundingBox().height - 8;
      opened.mouse().move(left, top);
      opened.mouse().down();
      for (double[] corner :
          new double[][] {{right, top}, {right, bottom}, {left, bottom}, {left, top + 4}}) {
        opened
            .mouse()
            .move(
                corner[0],
                corner[1],
                new com.microsoft.playwright.Mouse.MoveOptions().setSteps(20));
      }
      opened.mouse().up();
      opened.waitForSelector("#download");
      Download download = opened.waitForDownload(() -> opened.locator("#download").click());
      assertThat(Files.readAllLines(download.path())).containsExactlyElementsOf(ids);
      assertThat(complaints).isEmpty();
    }
  }

  @Test
  void theMapAnswersWithoutWebGl() throws IOException {
    assumeTrue(Files.isExecutable(CHROMIUM), "there is no " + CHROMIUM);
    List<String> complaints = new ArrayList<>();
    try (Browser plain = launch("--disable-gpu", "--disable-3d-apis");
        Page opened = open(plain, 900, ColorScheme.LIGHT, complaints)) {
      assertThat(opened.locator("#map-section").textContent()).contains("has no WebGL");
      assertThat(drawn(opened.locator("#map > canvas"))).isTrue();
      assertThat(opened.locator("#lasso").count()).isZero();
      int row = ids().indexOf(NASTY);
      List<?> place = (List<?>) opened.evaluate("simclrReport.place(%d)".formatted(row));
      opened.mouse().click(number(place.get(0)), number(place.get(1)));
      assertThat(opened.locator("#selected .id").textContent()).isEqualTo(NASTY);
      assertThat(opened.locator("#neighbors [data-point]").count()).isEqualTo(K);
      assertThat(complaints).isEmpty();
    }
  }

  private static double number(Object value) {
    return ((Number) value).doubleValue();
  }

  /** Returns whether a canvas shows more than one color. */
  private static boolean drawn(Locator canvas) {
    return (boolean)
        canvas.evaluate(
            "c => new Set(new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)).size > 1");
  }

  @Test
  void chartsAreDrawnLightAndDarkWideAndNarrow() {
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      for (int width : new int[] {1400, 380}) {
        List<String> complaints = new ArrayList<>();
        try (Page opened = open(width, scheme, complaints)) {
          Locator charts = opened.locator("[data-chart] canvas");
          assertThat(charts.count()).isEqualTo(8);
          IntStream.range(0, 8).forEach(i -> assertThat(drawn(charts.nth(i))).isTrue());
          assertThat(drawn(opened.locator("canvas.confusion"))).isTrue();
          assertThat(opened.locator("#groups [data-point]").count()).isGreaterThan(1);
          assertThat((int) opened.evaluate("document.documentElement.scrollWidth"))
              .as("nothing sticks out")
              .isLessThanOrEqualTo(width);
          opened.locator("#theme").click();
          opened.evaluate("simclrReport.settled()");
          assertThat(complaints).isEmpty();
        }
      }
    }
  }
}

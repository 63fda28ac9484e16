package io.simclrbeam.model.augment;

import static org.assertj.core.api.Assertions.assertThat;

import io.simclrbeam.model.ForkedJvm;
import io.simclrbeam.model.image.PictureFile;
import io.simclrbeam.model.image.RgbImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ContactSheetTest {
  private static final int CELL = 100;
  private static final int MARGIN = 16;

  @Test
  void drawsPicturesInRowsWithTheFirstColumnApart() {
    RgbImage small = Pictures.random(40, 30, 1);
    RgbImage exact = Pictures.random(100, 60, 2);
    ContactSheet sheet = new ContactSheet(CELL, 2);
    sheet.startRow();
    sheet.add(exact);
    sheet.startRow();
    sheet.add(small);
    sheet.add(exact);
    sheet.add(null);
    sheet.add(exact);
    RgbImage drawn = sheet.draw();

    assertThat(sheet.rows()).isEqualTo(2);
    assertThat(drawn.width()).isEqualTo(MARGIN + 4 * CELL + 24 + 8 + 24 + MARGIN);
    assertThat(drawn.height()).isEqualTo(MARGIN + 2 * CELL + 8 + MARGIN);
    int top = MARGIN + CELL + 8;
    assertShows(exact, 1, drawn, MARGIN, MARGIN + 20);
    assertShows(small, 2, drawn, MARGIN + 10, top + 20);
    assertShows(exact, 1, drawn, MARGIN + CELL + 24, top + 20);
    assertShows(exact, 1, drawn, MARGIN + 3 * CELL + 24 + 8 + 24, top + 20);
  }

  private static void assertShows(RgbImage expected, int times, RgbImage drawn, int left, int top) {
    for (int y = 0; y < times * expected.height(); y++) {
      for (int x = 0; x < times * expected.width(); x++) {
        assertThat(color(drawn, left + x, top + y))
            .as("%d, %d", x, y)
            .isEqualTo(color(expected, x / times, y / times));
      }
    }
  }

  private static int color(RgbImage image, int x, int y) {
    int at = (y * image.width() + x) * 3;
    byte[] pixels = image.pixels();
    return (pixels[at] & 0xFF) << 16 | (pixels[at + 1] & 0xFF) << 8 | (pixels[at + 2] & 0xFF);
  }

  /** The twin resizes as PIL does, one number after the other. */
  @ParameterizedTest
  @ValueSource(ints = {101, 150, 777})
  void aLargePictureIsResized(int longer) {
    RgbImage large = Pictures.random(longer, longer / 3, longer);
    ContactSheet sheet = new ContactSheet(CELL, 1);
    sheet.startRow();
    sheet.add(large);
    RgbImage drawn = sheet.draw();

    int height = Math.round(large.height() * 100f / longer);
    RgbImage expected =
        PilOperations.resize(
            large,
            new CropBox(0, 0, large.width(), large.height()),
            CELL,
            height,
            Interpolation.BILINEAR);
    int top = MARGIN + (CELL - height) / 2;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < CELL; x++) {
        int at = (y * CELL + x) * 3;
        int shown = ((top + y) * drawn.width() + MARGIN + x) * 3;
        for (int c = 0; c < 3; c++) {
          assertThat(
                  Math.abs((drawn.pixels()[shown + c] & 0xFF) - (expected.pixels()[at + c] & 0xFF)))
              .isLessThanOrEqualTo(1);
        }
      }
    }
  }

  @Test
  void textIsDrawnInDots() {
    assertThat(written("Ag\u2026"))
        .containsExactly(
            ".###.............",
            "#...#............",
            "#...#..####......",
            "#...#.#...#......",
            "#####.#...#......",
            "#...#.#...#......",
            "#...#..####.#.#.#",
            "..........#......",
            ".......###.......");
    assertThat(written("\u00fc"))
        .as("what is not there is a frame")
        .containsExactly(
            "#####", "#...#", "#...#", "#...#", "#...#", "#...#", "#####", ".....", ".....");
  }

  /** Reads the dots of a heading; rows end with the last dot of a letter. */
  private static List<String> written(String text) {
    ContactSheet sheet = new ContactSheet(CELL, 1);
    sheet.addHeading(text);
    sheet.startRow();
    sheet.add(null);
    RgbImage drawn = sheet.draw();
    List<String> rows = new ArrayList<>();
    for (int y = 0; y < 9; y++) {
      StringBuilder row = new StringBuilder();
      for (int x = 0; x < 6 * text.length() - 1; x++) {
        row.append(color(drawn, MARGIN + 2 * x + 1, MARGIN + 2 * y + 1) == 0xFFFFFF ? '.' : '#');
      }
      rows.add(row.toString());
    }
    return rows;
  }

  @Test
  void ofTextThatIsTooLongTheEndIsDrawn() {
    assertThat(Letters.shortened("cats/0017.jpg", 13)).isEqualTo("cats/0017.jpg");
    assertThat(Letters.shortened("cats/0017.jpg", 8)).isEqualTo("\u2026017.jpg");
    assertThat(widthOf("0123456789".repeat(20)))
        .as("a caption stays below its picture")
        .isEqualTo(MARGIN + CELL + MARGIN);
  }

  private static int widthOf(String caption) {
    ContactSheet sheet = new ContactSheet(CELL, 1);
    sheet.startRow();
    sheet.add(null, caption);
    RgbImage drawn = sheet.draw();
    for (int y = 0; y < drawn.height(); y++) {
      for (int x = MARGIN + CELL; x < drawn.width(); x++) {
        assertThat(color(drawn, x, y)).isEqualTo(0xFFFFFF);
      }
    }
    return drawn.width();
  }

  /** A container may have no fonts, on which the JDK's fail as soon as their classes are loaded. */
  @Test
  void noFontOfTheJdkIsLoaded() throws Exception {
    ForkedJvm jvm = ForkedJvm.run(Drawing.class, Map.of("JAVA_TOOL_OPTIONS", "-verbose:class"));

    assertThat(jvm.exitCode()).as(jvm.output()).isZero();
    assertThat(jvm.output()).contains(ContactSheet.class.getName(), "drawn");
    assertThat(jvm.output().lines())
        .noneMatch(line -> line.contains("sun.font.") || line.contains("java.awt.Font "));
  }

  static final class Drawing {
    public static void main(String[] none) {
      ContactSheet sheet = new ContactSheet(CELL, 1);
      sheet.addHeading("heading");
      sheet.startRow();
      sheet.add(Pictures.random(30, 20, 1), "caption");
      sheet.addNote("note");
      RgbImage drawn = sheet.draw();
      for (PictureFile format : PictureFile.values()) {
        System.out.printf("drawn, %d bytes%n", format.encode(drawn).length);
      }
    }
  }

  @Test
  void captionsAndNotesMakeTheSheetLarger() {
    ContactSheet sheet = new ContactSheet(CELL, 1);
    sheet.addHeading("above");
    sheet.startRow();
    sheet.add(null, "one", "two");
    sheet.startRow();
    sheet.add(null);
    sheet.addNote("a note that is wider than the only column");
    RgbImage drawn = sheet.draw();

    int line = 20;
    assertThat(drawn.height())
        .isEqualTo(MARGIN + line + 8 + 2 * (CELL + 8 + 8 + 2 * line) + 8 + line + MARGIN - 8);
    assertThat(drawn.width()).isEqualTo(MARGIN + 41 * 12 + MARGIN);
  }
}

package io.simclrbeam.model.augment;

import io.simclrbeam.model.image.RgbImage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A picture of rows of pictures with lines of text below them. The first column stands apart from
 * the others. Its bytes depend on what is drawn alone, and it needs no font of the machine.
 *
 * <p>A picture that is too large is resized to its cell. A smaller one is drawn larger, each pixel
 * as a square, as often as the cell has room. So a picture keeps its sides' ratio.
 */
public final class ContactSheet {
  private static final int MARGIN = 16;
  private static final int GAP = 8;
  private static final int WIDE_GAP = 24;

  /** Pixels of the sheet for a dot of a letter. */
  private static final int DOT = 2;

  private static final int ADVANCE = DOT * Letters.ADVANCE;
  private static final int LINE = DOT * (Letters.HEIGHT + 1);

  private static final int PAPER = 0xFFFFFF;
  private static final int EMPTY = 0xEFEFEF;
  private static final int INK = 0x404040;
  private static final int PALE_INK = 0x8C8C8C;

  private final int cell;
  private final int together;
  private final List<String> headings = new ArrayList<>();
  private final List<List<Cell>> rows = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private record Cell(@Nullable RgbImage image, List<String> captions) {}

  /**
   * Starts an empty sheet.
   *
   * @param cell side in pixels of the square that a picture is drawn into
   * @param together columns after the first that stand together, before another wide gap
   */
  public ContactSheet(int cell, int together) {
    this.cell = cell;
    this.together = together;
  }

  /** Adds the text above the next column. */
  public void addHeading(String text) {
    headings.add(text);
  }

  /** Starts a row. */
  public void startRow() {
    rows.add(new ArrayList<>());
  }

  /**
   * Adds a picture to the row. Nothing of it is kept but what is drawn.
   *
   * @param image null for one that is not there
   * @param captions lines below it; of those that are too long, the end is drawn
   */
  public void add(@Nullable RgbImage image, String... captions) {
    rows.get(rows.size() - 1)
        .add(new Cell(image == null ? null : fitted(image), List.of(captions)));
  }

  /** Adds a line below all rows. */
  public void addNote(String text) {
    notes.add(text);
  }

  /** Returns the number of rows. */
  public int rows() {
    return rows.size();
  }

  private RgbImage fitted(RgbImage image) {
    int longer = Math.max(image.width(), image.height());
    if (longer <= cell) {
      return enlarged(image, cell / longer);
    }
    int width = Math.max(1, Math.round((float) image.width() * cell / longer));
    int height = Math.max(1, Math.round((float) image.height() * cell / longer));
    Planes planes = new Planes(width, height);
    CropBox whole = new CropBox(0, 0, image.width(), image.height());
    new Resampler(width, height, Interpolation.BILINEAR).resize(image, whole, false, planes);
    byte[] pixels = new byte[3 * width * height];
    planes.write(pixels, 0);
    return new RgbImage(width, height, pixels);
  }

  private static RgbImage enlarged(RgbImage image, int times) {
    int width = times * image.width();
    int height = times * image.height();
    byte[] pixels = new byte[3 * width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int from = 3 * (y / times * image.width() + x / times);
        System.arraycopy(image.pixels(), from, pixels, 3 * (y * width + x), 3);
      }
    }
    return new RgbImage(width, height, pixels);
  }

  /** Returns where a column begins, in pixels from the left. */
  private int left(int column) {
    int wide = column == 0 ? 0 : 1 + (column - 1) / together;
    return MARGIN + column * (cell + GAP) + wide * (WIDE_GAP - GAP);
  }

  /** Draws the sheet. */
  public RgbImage draw() {
    int columns = Math.max(1, rows.stream().mapToInt(List::size).max().orElse(0));
    int lines =
        rows.stream()
            .flatMap(List::stream)
            .mapToInt(picture -> picture.captions().size())
            .max()
            .orElse(0);
    int rowHeight = cell + GAP + (lines == 0 ? 0 : GAP + lines * LINE);
    int top = MARGIN + (headings.isEmpty() ? 0 : LINE + GAP);
    int bottom = top + rows.size() * rowHeight;
    int noteWidth = notes.stream().mapToInt(note -> note.length() * ADVANCE).max().orElse(0);
    Canvas canvas =
        new Canvas(
            Math.max(left(columns - 1) + cell, MARGIN + noteWidth) + MARGIN,
            bottom + (notes.isEmpty() ? 0 : GAP + notes.size() * LINE) + MARGIN - GAP);
    for (int i = 0; i < headings.size(); i++) {
      canvas.write(headings.get(i), left(i), MARGIN, INK);
    }
    for (int row = 0; row < rows.size(); row++) {
      for (int column = 0; column < rows.get(row).size(); column++) {
        draw(rows.get(row).get(column), left(column), top + row * rowHeight, canvas);
      }
    }
    for (int i = 0; i < notes.size(); i++) {
      canvas.write(notes.get(i), MARGIN, bottom + GAP + i * LINE, PALE_INK);
    }
    return canvas.image();
  }

  private void draw(Cell drawn, int left, int top, Canvas canvas) {
    RgbImage image = drawn.image();
    canvas.fill(left, top, cell, cell, EMPTY);
    if (image == null) {
      String text = "no image";
      int middle = (cell - text.length() * ADVANCE) / 2;
      canvas.write(text, left + Math.max(0, middle), top + (cell - LINE) / 2, PALE_INK);
    } else {
      canvas.copy(image, left + (cell - image.width()) / 2, top + (cell - image.height()) / 2);
    }
    for (int i = 0; i < drawn.captions().size(); i++) {
      String text = Letters.shortened(drawn.captions().get(i), cell / ADVANCE);
      canvas.write(text, left, top + cell + GAP + i * LINE, INK);
    }
  }

  /** Pixels to draw on. */
  private static final class Canvas {
    private final int width;
    private final int height;
    private final byte[] pixels;

    Canvas(int width, int height) {
      this.width = width;
      this.height = height;
      pixels = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
      fill(0, 0, width, height, PAPER);
    }

    RgbImage image() {
      return new RgbImage(width, height, pixels);
    }

    void fill(int left, int top, int fillWidth, int fillHeight, int color) {
      for (int y = top; y < top + fillHeight; y++) {
        for (int x = left; x < left + fillWidth; x++) {
          int at = 3 * (y * width + x);
          pixels[at] = (byte) (color >> 16);
          pixels[at + 1] = (byte) (color >> 8);
          pixels[at + 2] = (byte) color;
        }
      }
    }

    void copy(RgbImage image, int left, int top) {
      int bytes = 3 * image.width();
      for (int y = 0; y < image.height(); y++) {
        int at = 3 * ((top + y) * width + left);
        System.arraycopy(image.pixels(), y * bytes, pixels, at, bytes);
      }
    }

    void write(String text, int left, int top, int color) {
      for (int i = 0; i < text.length(); i++) {
        for (int y = 0; y < Letters.HEIGHT; y++) {
          for (int x = 0; x < Letters.ADVANCE; x++) {
            if (Letters.isDot(text.charAt(i), x, y)) {
              fill(left + i * ADVANCE + x * DOT, top + y * DOT, DOT, DOT, color);
            }
          }
        }
      }
    }
  }
}

package io.simclrbeam.transforms.views;

import io.simclrbeam.model.augment.ContactSheet;
import io.simclrbeam.model.image.ExifOrientation;
import io.simclrbeam.model.image.ImageDecoder;
import io.simclrbeam.model.image.PictureFile;
import io.simclrbeam.model.image.RejectedImageException;
import io.simclrbeam.model.image.RgbImage;
import io.simclrbeam.transforms.images.ImageReader;
import io.simclrbeam.transforms.images.ImageRef;
import io.simclrbeam.transforms.images.NamedImages;
import io.simclrbeam.transforms.storage.BeamFiles;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.beam.sdk.io.FileSystems;
import org.jspecify.annotations.Nullable;

/**
 * Draws images of a data set as a {@link ContactSheet}. They are read again from where they were
 * when they were embedded, and turned upright.
 */
public final class ImageSheet {
  /** The most rows of a sheet. */
  public static final int MOST_ROWS = 20;

  /** The most images in a row. */
  public static final int MOST_COLUMNS = 11;

  private static final int CELL = 192;

  private ImageSheet() {}

  /**
   * An image to draw.
   *
   * @param caption below its id
   */
  public record Picture(NamedImages.Name name, String caption) {}

  /**
   * Writes a sheet. An image that is gone, damaged or in a shard of unusual fields is an empty
   * square.
   *
   * @param file that {@link PictureFile} knows
   * @param rows at most {@link #MOST_ROWS} of {@link #MOST_COLUMNS} images
   * @param what the rows are; a line below them
   * @return a sentence on what was drawn
   * @throws io.simclrbeam.transforms.storage.StorageException if the file cannot be written
   */
  public static String write(String file, List<List<Picture>> rows, String what)
      throws IOException {
    Map<NamedImages.Name, ImageRef> found =
        NamedImages.find(
            rows.stream().flatMap(List::stream).map(Picture::name).distinct().toList());
    List<ImageRef> inOrder =
        rows.stream()
            .flatMap(List::stream)
            .map(picture -> found.get(picture.name()))
            .filter(Objects::nonNull)
            .toList();
    ContactSheet sheet = new ContactSheet(CELL, MOST_COLUMNS);
    ImageDecoder decoder = new ImageDecoder(ExifOrientation.APPLY);
    int missing = 0;
    try (ImageReader reader = ImageReader.outsideJobs(inOrder)) {
      for (List<Picture> row : rows) {
        sheet.startRow();
        for (Picture picture : row) {
          @Nullable RgbImage image =
              found.containsKey(picture.name()) ? next(reader, decoder) : null;
          missing += image == null ? 1 : 0;
          sheet.add(image, picture.name().id(), picture.caption());
        }
      }
    }
    sheet.addNote(what);
    byte[] encoded = PictureFile.of(file).encode(sheet.draw());
    BeamFiles.replace(
        FileSystems.matchNewResource(file, false),
        "application/octet-stream",
        out -> out.write(encoded));
    String lack =
        missing == 0
            ? ""
            : " %,d %s could not be read.".formatted(missing, missing == 1 ? "image" : "images");
    return "%s shows %s.%s".formatted(file, what, lack);
  }

  private static @Nullable RgbImage next(ImageReader reader, ImageDecoder decoder) {
    try {
      return decoder.decode(reader.next());
    } catch (RejectedImageException e) {
      return null;
    }
  }
}

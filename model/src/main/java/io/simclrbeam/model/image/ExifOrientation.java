package io.simclrbeam.model.image;

/** What {@link ImageDecoder} does with the orientation in the EXIF block of a JPEG, PNG or WebP. */
public enum ExifOrientation {
  /** Nothing: the picture is as it is stored, as PIL's and so torchvision's loaders give it. */
  IGNORE,
  /** Turns the picture upright, as PIL's {@code ImageOps.exif_transpose} does. */
  APPLY
}

package io.simclrbeam.transforms.images;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/** What the ending of a file's name says of it, where it is no shard. */
enum NameKind {
  /** An image, though perhaps of a format that is not read. */
  IMAGE,
  /** Something else, such as a sidecar, a video or a table. */
  OTHER,
  /** Nothing: the first bytes have to be looked at. */
  UNKNOWN;

  private static final Set<String> IMAGES =
      words(
          """
          jpg jpeg jpe jfif jif pjpeg pjp mpo png apng webp tif tiff gif bmp dib
          heic heif heics heifs hif avif avifs jxl jp2 j2k j2c jpc jpf jpx jpm jph jxr wdp hdp
          psd psb xcf ico cur icns pcx tga ppm pgm pbm pnm pam pfm hdr exr dds svg svgz
          3fr arw cr2 cr3 crw dcr dng erf fff iiq kdc mef mos mrw nef nrw orf pef r3d raf raw rw2
          rwl sr2 srf srw x3f
          """);

  private static final Set<String> OTHERS =
      words(
          """
          xmp aae pp3 dop on1 lrcat lrtemplate cos nksc arp modd moff cube icc icm
          txt text md rst log csv tsv json jsonl ndjson geojson xml html htm xhtml css js ts yaml
          yml toml ini cfg conf properties url webloc lnk nfo rtf pdf doc docx odt xls xlsx ods ppt
          pptx odp epub srt vtt ass sub lrc tex bib xsd xsl
          cls caption captions label labels names mat idx lst
          py pyc pyd ipynb java class jar sh bat cmd ps1 rb go c h cc cpp hpp rs php pl lua sql
          mp3 wav flac aac ogg oga opus m4a wma aif aiff mid midi amr
          mov mp4 m4v avi mkv webm wmv flv mpg mpeg m2ts mts 3gp 3g2 ogv vob lrv insv
          npy npz pkl pickle pt pth ckpt safetensors h5 hdf5 hdf onnx tflite pb gguf arrow feather
          orc db sqlite sqlite3 mdb ten
          md5 sha1 sha256 sha512 sfv asc sig pem torrent exe dll so dylib msi deb rpm apk dmg iso
          ttf otf woff woff2 gpx kml kmz tfw jgw pgw wld shp shx dbf prj obj mtl stl ply glb gltf
          las laz
          """);

  /** Endings that compressors add. */
  private static final Set<String> COMPRESSED = words("gz bz2 xz zst");

  private static Set<String> words(String text) {
    return Set.copyOf(Arrays.asList(text.strip().split("\\s+")));
  }

  /** Returns what a path says, by the ending of its name in any case. */
  static NameKind of(String path) {
    int slash = path.lastIndexOf('/');
    int dot = path.lastIndexOf('.');
    if (dot <= slash) {
      return UNKNOWN;
    }
    String ending = path.substring(dot + 1).toLowerCase(Locale.ROOT);
    if (IMAGES.contains(ending)) {
      return IMAGE;
    }
    if (OTHERS.contains(ending)) {
      return OTHER;
    }
    return COMPRESSED.contains(ending) && of(path.substring(0, dot)) == OTHER ? OTHER : UNKNOWN;
  }

  /**
   * Returns what the first bytes of a file of an unknown name say: {@link #OTHER} for text, such as
   * a README. All else may be an image, and decoding it tells.
   */
  static NameKind ofContent(byte[] first) {
    for (byte value : first) {
      if (value >= 0 && value < ' ' && "\t\n\f\r\u001b".indexOf(value) < 0) {
        return IMAGE;
      }
    }
    return first.length > 0 && isUtf8(first) ? OTHER : IMAGE;
  }

  /** Returns whether bytes are UTF-8, of which the last character may be cut off. */
  private static boolean isUtf8(byte[] bytes) {
    for (int cut = 0; cut < Math.min(4, bytes.length); cut++) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, bytes.length - cut));
        return true;
      } catch (CharacterCodingException e) {
        // perhaps just its last character
      }
    }
    return false;
  }
}

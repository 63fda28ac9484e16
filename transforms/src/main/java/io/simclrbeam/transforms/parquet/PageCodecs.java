package io.simclrbeam.transforms.parquet;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.xerial.snappy.Snappy;

/**
 * Compresses pages with the libraries themselves. Parquet's own factory reaches them through
 * Hadoop, whose configuration takes another 30 MB of jars, and a second to be read.
 */
final class PageCodecs implements CompressionCodecFactory {
  private static final int ZSTANDARD_LEVEL = 3;

  @Override
  public BytesInputCompressor getCompressor(CompressionCodecName codec) {
    return new Compressor(codec);
  }

  @Override
  public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
    return new Decompressor(codec);
  }

  @Override
  public void release() {}

  private static UnsupportedOperationException unsupported(CompressionCodecName codec) {
    return new UnsupportedOperationException(
        "Parquet's codec %s is not supported; GZIP, ZSTD, SNAPPY and UNCOMPRESSED are"
            .formatted(codec));
  }

  private static byte[] bytes(BytesInput page) throws IOException {
    return page.toInputStream().readAllBytes();
  }

  private record Compressor(CompressionCodecName codec) implements BytesInputCompressor {
    @Override
    public BytesInput compress(BytesInput page) throws IOException {
      return switch (codec) {
        case UNCOMPRESSED -> page;
        case GZIP -> gzip(page);
        case SNAPPY -> BytesInput.from(Snappy.compress(bytes(page)));
        case ZSTD -> BytesInput.from(Zstd.compress(bytes(page), ZSTANDARD_LEVEL));
        default -> throw unsupported(codec);
      };
    }

    private static BytesInput gzip(BytesInput page) throws IOException {
      ByteArrayOutputStream compressed = new ByteArrayOutputStream();
      try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
        page.writeAllTo(out);
      }
      return BytesInput.from(compressed);
    }

    @Override
    public CompressionCodecName getCodecName() {
      return codec;
    }

    @Override
    public void release() {}
  }

  private record Decompressor(CompressionCodecName codec) implements BytesInputDecompressor {
    @Override
    public BytesInput decompress(BytesInput page, int size) throws IOException {
      return codec == CompressionCodecName.UNCOMPRESSED
          ? page
          : BytesInput.from(decompress(bytes(page), size));
    }

    private byte[] decompress(byte[] page, int size) throws IOException {
      return switch (codec) {
        case UNCOMPRESSED -> page;
        case GZIP -> {
          try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(page))) {
            yield in.readNBytes(size);
          }
        }
        case SNAPPY -> Snappy.uncompress(page);
        case ZSTD -> Zstd.decompress(page, size);
        default -> throw unsupported(codec);
      };
    }

    @Override
    public void decompress(ByteBuffer input, int inputSize, ByteBuffer output, int outputSize)
        throws IOException {
      byte[] page = new byte[inputSize];
      input.get(page);
      output.put(decompress(page, outputSize));
    }

    @Override
    public void release() {}
  }
}

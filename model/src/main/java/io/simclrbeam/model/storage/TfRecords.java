package io.simclrbeam.model.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * TensorFlow's file format: the length of each record and a checksum of the length, then the record
 * and a checksum of it ({@code tensorflow/core/lib/io/record_writer.h}), little-endian.
 */
public final class TfRecords {
  private static final int MASK = 0xa282ead8;

  private TfRecords() {}

  /** Appends a record to a file. */
  public static void write(OutputStream file, byte[] record) throws IOException {
    byte[] length = littleEndian(Long.BYTES).putLong(record.length).array();
    file.write(length);
    file.write(littleEndian(Integer.BYTES).putInt(checksum(length, length.length)).array());
    file.write(record);
    file.write(littleEndian(Integer.BYTES).putInt(checksum(record, record.length)).array());
  }

  /** Returns the checksum of the first bytes of an array: a masked CRC-32C. */
  public static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}

package io.simclrbeam.pipelines.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.simclrbeam.model.storage.FileKind;
import io.simclrbeam.transforms.dataset.FileFormat;
import io.simclrbeam.transforms.storage.BeamFiles;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.Encoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.beam.sdk.io.FileIO;
import org.apache.beam.sdk.io.fs.ResourceId;

/** A format of files that only tests have: a line with the version, the schema, then records. */
public record JsonLines() implements FileFormat {
  private static final long serialVersionUID = 1;

  @Override
  public String code() {
    return "jsonl";
  }

  @Override
  public List<String> codecs() {
    return List.of("none");
  }

  @Override
  public FileIO.Sink<GenericRecord> sink(Schema schema, String codec) {
    return new Sink(schema.toString());
  }

  @Override
  public void read(ResourceId file, RecordHandler handler) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(Channels.newReader(BeamFiles.open(file), UTF_8))) {
      FileKind.EMBEDDING_PART.checkMetadata(lines.readLine(), file.toString());
      Schema schema = new Schema.Parser().parse(lines.readLine());
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        handler.accept(
            new GenericDatumReader<GenericRecord>(schema)
                .read(null, DecoderFactory.get().jsonDecoder(schema, line)));
      }
    }
  }

  private static final class Sink implements FileIO.Sink<GenericRecord> {
    private static final long serialVersionUID = 1;

    private final String schema;
    private transient OutputStream out;

    Sink(String schema) {
      this.schema = schema;
    }

    @Override
    public void open(WritableByteChannel channel) throws IOException {
      out = Channels.newOutputStream(channel);
      line(FileKind.EMBEDDING_PART.metadata().get(FileKind.METADATA));
      line(schema);
    }

    @Override
    public void write(GenericRecord record) throws IOException {
      ByteArrayOutputStream json = new ByteArrayOutputStream();
      Encoder encoder = EncoderFactory.get().jsonEncoder(record.getSchema(), json);
      new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
      encoder.flush();
      line(json.toString(UTF_8));
    }

    private void line(String text) throws IOException {
      out.write((text + "\n").getBytes(UTF_8));
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }
  }
}

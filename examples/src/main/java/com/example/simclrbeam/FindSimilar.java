package com.example.simclrbeam;

import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.model.neighbors.Cosine;
import io.simclrbeam.transforms.dataset.Embedding;
import io.simclrbeam.transforms.dataset.EmbeddingIO;
import io.simclrbeam.transforms.embedding.Embeddings;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.io.TextIO;
import org.apache.beam.sdk.options.Default;
import org.apache.beam.sdk.options.Description;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.options.Validation;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Top;
import org.apache.beam.sdk.transforms.View;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.TypeDescriptors;

/**
 * Finds the images of an embedding data set that look most like a picture.
 *
 * <pre>{@code
 * mvn -q compile exec:java -Dexec.mainClass=com.example.simclrbeam.FindSimilar -Dexec.args="
 *     --picture=cat.jpg --model=model --embeddings=embeddings --output=similar.txt"
 * }</pre>
 */
public final class FindSimilar {
  private FindSimilar() {}

  /** What is looked for, and where. */
  public interface Options extends PipelineOptions {
    @Description("File of the picture")
    @Validation.Required
    String getPicture();

    void setPicture(String file);

    @Description("Folder of the model that the data set was embedded with")
    @Validation.Required
    String getModel();

    void setModel(String folder);

    @Description("Folder of the embedding data set")
    @Validation.Required
    String getEmbeddings();

    void setEmbeddings(String folder);

    @Description("File for the result: a cosine and an image's id in each line, the best first")
    @Validation.Required
    String getOutput();

    void setOutput(String file);

    @Description("Number of images to find")
    @Default.Integer(10)
    int getCount();

    void setCount(int images);
  }

  public static void main(String[] arguments) throws IOException {
    PipelineOptionsFactory.register(Options.class);
    Options options = PipelineOptionsFactory.fromArgs(arguments).withValidation().as(Options.class);
    Pipeline pipeline = Pipeline.create(options);

    PCollectionTuple computed =
        pipeline
            .apply("ReadPicture", ReadFiles.matching(options.getPicture()))
            .apply("Compute", Embeddings.compute(options.getModel()));
    computed.get(Embeddings.REJECTS).apply("NoRejects", ParDo.of(new FailFn()));
    PCollectionView<Embedding> picture =
        computed.get(Embeddings.EMBEDDINGS).apply("Picture", View.asSingleton());

    // Embeddings of another model cannot be compared.
    String modelId = ModelCard.read(new BeamFileStore(options.getModel())).id();
    PCollection<Embedding> images =
        pipeline.apply("Read", EmbeddingIO.read().from(options.getEmbeddings()).withModel(modelId));

    images
        .apply("Compare", ParDo.of(new CompareFn(picture)).withSideInputs(picture))
        .apply("Best", Top.of(options.getCount(), new KV.OrderByValue<String, Double>()))
        .apply("Format", MapElements.into(TypeDescriptors.strings()).via(FindSimilar::table))
        .apply("Write", TextIO.write().to(options.getOutput()).withoutSharding());
    pipeline.run().waitUntilFinish();
  }

  private static String table(List<KV<String, Double>> best) {
    return best.stream()
        .map(image -> "%.4f %s".formatted(image.getValue(), image.getKey()))
        .collect(Collectors.joining("\n"));
  }

  private static final class FailFn extends DoFn<GenericRecord, Void> {
    @ProcessElement
    public void process(@Element GenericRecord reject) {
      throw new IllegalArgumentException(
          "%s cannot be used: %s".formatted(reject.get("uri"), reject.get("detail")));
    }
  }

  private static final class CompareFn extends DoFn<Embedding, KV<String, Double>> {
    private final PCollectionView<Embedding> picture;

    CompareFn(PCollectionView<Embedding> picture) {
      this.picture = picture;
    }

    @ProcessElement
    public void process(ProcessContext context) {
      Embedding image = context.element();
      float[] vector = context.sideInput(picture).vector();
      context.output(KV.of(image.id(), Cosine.similarity(vector, image.vector())));
    }
  }
}

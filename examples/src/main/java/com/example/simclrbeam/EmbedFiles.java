package com.example.simclrbeam;

import io.simclrbeam.model.export.ModelCard;
import io.simclrbeam.transforms.dataset.EmbeddingIO;
import io.simclrbeam.transforms.embedding.Embeddings;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.Description;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.options.Validation;
import org.apache.beam.sdk.values.PCollectionTuple;

/**
 * Embeds images that a pipeline has in memory, and adds them to an embedding data set.
 *
 * <pre>{@code
 * mvn -q compile exec:java -Dexec.mainClass=com.example.simclrbeam.EmbedFiles -Dexec.args="
 *     --images=photos/** --model=model --embeddings=embeddings"
 * }</pre>
 */
public final class EmbedFiles {
  private EmbedFiles() {}

  /** What is embedded, and where to. */
  public interface Options extends PipelineOptions {
    @Description("Pattern of the images' files, such as photos/**")
    @Validation.Required
    String getImages();

    void setImages(String pattern);

    @Description("Folder of the model")
    @Validation.Required
    String getModel();

    void setModel(String folder);

    @Description("Folder of the embedding data set, to which a run is added")
    @Validation.Required
    String getEmbeddings();

    void setEmbeddings(String folder);
  }

  public static void main(String[] arguments) throws IOException {
    PipelineOptionsFactory.register(Options.class);
    Options options = PipelineOptionsFactory.fromArgs(arguments).withValidation().as(Options.class);
    Pipeline pipeline = Pipeline.create(options);
    ModelCard model = ModelCard.read(new BeamFileStore(options.getModel()));

    PCollectionTuple computed =
        pipeline
            .apply("ReadImages", ReadFiles.matching(options.getImages()))
            .apply("Compute", Embeddings.compute(options.getModel()));
    computed
        .get(Embeddings.EMBEDDINGS)
        .apply(
            "Write",
            EmbeddingIO.write()
                .to(options.getEmbeddings())
                .withModel(model.id(), model.dimension())
                .withRejects(computed.get(Embeddings.REJECTS)));
    pipeline.run().waitUntilFinish();
  }
}

package io.simclrbeam.transforms.dataset;

import io.simclrbeam.model.evaluate.LabeledEmbeddings;
import java.util.List;

/**
 * The current embeddings of a data set: of each image the newest one, by one model.
 *
 * @param model id of the model
 * @param otherModels ids of models whose embeddings the data set holds as well
 */
public record EmbeddingDataset(
    String model, LabeledEmbeddings embeddings, List<String> otherModels) {}

package io.simclrbeam.transforms.dedup;

import io.simclrbeam.model.neighbors.Components;
import io.simclrbeam.model.text.Numbers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns pairs of ids into connected components, in one worker. Yields for each id that is in a pair
 * the least id of its component. Needs memory for the ids that are in a pair, about 200 bytes each,
 * and none for the pairs.
 */
final class JoinPairs
    extends PTransform<PCollection<KV<String, String>>, PCollection<KV<String, String>>> {
  private static final long serialVersionUID = 1;
  private static final Logger LOG = LoggerFactory.getLogger(JoinPairs.class);

  private JoinPairs() {}

  static JoinPairs create() {
    return new JoinPairs();
  }

  @Override
  public PCollection<KV<String, String>> expand(PCollection<KV<String, String>> pairs) {
    return pairs
        .apply("Gather", WithKeys.of(0))
        .apply("GroupPairs", GroupByKey.create())
        .apply("Join", ParDo.of(new JoinFn()))
        .setCoder(KvCoder.of(StringUtf8Coder.of(), StringUtf8Coder.of()));
  }

  private static final class JoinFn
      extends DoFn<KV<Integer, Iterable<KV<String, String>>>, KV<String, String>> {
    @ProcessElement
    public void process(
        @Element KV<Integer, Iterable<KV<String, String>>> pairs,
        OutputReceiver<KV<String, String>> out) {
      Components components = new Components();
      Map<String, Integer> numbers = new HashMap<>();
      List<String> ids = new ArrayList<>();
      for (KV<String, String> pair : pairs.getValue()) {
        components.join(
            number(pair.getKey(), components, numbers, ids),
            number(pair.getValue(), components, numbers, ids));
      }
      numbers.clear();
      Map<Integer, String> names = new HashMap<>();
      for (int i = 0; i < ids.size(); i++) {
        names.merge(components.root(i), ids.get(i), (a, b) -> a.compareTo(b) <= 0 ? a : b);
      }
      for (int i = 0; i < ids.size(); i++) {
        out.output(KV.of(ids.get(i), names.get(components.root(i))));
      }
      LOG.info(
          "There are near duplicates of {}, in {} of them.",
          Numbers.count(ids.size(), "image"),
          Numbers.count(names.size(), "chain"));
    }

    private static int number(
        String id, Components components, Map<String, Integer> numbers, List<String> ids) {
      Integer number = numbers.get(id);
      if (number == null) {
        number = components.add();
        numbers.put(id, number);
        ids.add(id);
      }
      return number;
    }
  }
}

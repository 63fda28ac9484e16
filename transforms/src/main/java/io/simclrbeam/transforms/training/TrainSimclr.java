package io.simclrbeam.transforms.training;

import io.simclrbeam.model.train.StepStatistics;
import io.simclrbeam.model.train.TrainingRun;
import io.simclrbeam.model.train.TrainingSettings;
import io.simclrbeam.transforms.rejects.Reject;
import io.simclrbeam.transforms.storage.BeamFileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Gauge;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.state.MapState;
import org.apache.beam.sdk.state.StateSpec;
import org.apache.beam.sdk.state.StateSpecs;
import org.apache.beam.sdk.state.ValueState;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.transforms.display.DisplayData;
import org.apache.beam.sdk.transforms.resourcehints.ResourceHints;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.jspecify.annotations.Nullable;

/**
 * Trains an encoder: plans batches, makes views on all workers, and feeds a stateful DoFn that
 * holds the model. Goes on from the newest checkpoint in the model folder and leaves the last one
 * there. Yields the numbers of steps done at which a checkpoint was written.
 *
 * <p>The model folder must hold a manifest of the images and a checkpoint to begin with:
 *
 * <pre>{@code
 * BeamFileStore model = new BeamFileStore("gs://bucket/model");
 * Pipeline index = Pipeline.create(options);
 * index.apply(IndexImages.of(List.of("gs://bucket/photos"), model.location()));
 * index.run().waitUntilFinish();
 *
 * TrainingSettings settings = TrainingSettings.simclr(224).steps(10_000).build();
 * TrainingRun.initialize(model, settings);
 * try (TrainingLease lease = TrainingLease.take(model)) {
 *   TrainingSpec spec =
 *       TrainingSpec.of(
 *           model.location(),
 *           Manifest.count(model),
 *           settings,
 *           CheckpointInterval.ofSteps(500),
 *           10_000,
 *           "auto",
 *           lease.job());
 *   Pipeline training = Pipeline.create(options);
 *   training.apply(TrainSimclr.of(spec));
 *   training.run().waitUntilFinish();
 *   lease.end();
 * }
 *
 * ModelExport.export(model, settings, spec.plan().stepsPerEpoch(), digest, versions, Clock.systemUTC());
 * }</pre>
 *
 * <p>Images that can no longer be used are kept in {@code rejects-train-step-*.avro}, a file for
 * each step that would have used some.
 *
 * <p>The slices of a step arrive in any order and a few steps early; they wait in state until their
 * turn, or on the trainer's disk where they come all at once. The model itself is no state: it is a
 * fold over the batches, and a checkpoint of it is all that a restart needs. So the runner's own
 * checkpoints are best left off.
 */
public final class TrainSimclr extends PTransform<PBegin, PCollection<Long>> {
  /** The name of this job's rejects. */
  public static final String JOB = "train";

  private static final long serialVersionUID = 1;
  private static final int REPLICA = 0;

  private final TrainingSpec spec;
  private final boolean rounds;
  private final String accelerator;

  private TrainSimclr(TrainingSpec spec, boolean rounds, String accelerator) {
    this.spec = spec;
    this.rounds = rounds;
    this.accelerator = accelerator;
  }

  /** Trains as a spec says. */
  public static TrainSimclr of(TrainingSpec spec) {
    return new TrainSimclr(spec, false, "");
  }

  /**
   * Returns this for a runner that makes all views of a job before the first is used. Slices are
   * brought together by a {@code GroupByKey}, and the trainer orders them on its local disk. No
   * slice waits in state. Where the runner pipelines, this would make it wait.
   */
  public TrainSimclr inRounds() {
    return new TrainSimclr(spec, true, accelerator);
  }

  /**
   * Returns this with a request for an accelerator for the training step alone, which a runner that
   * hands out accelerators understands.
   *
   * @param request as in Beam's resource hint, such as {@code type:nvidia-l4;count:1}; empty for
   *     none
   */
  public TrainSimclr withAccelerator(String request) {
    return new TrainSimclr(spec, rounds, request);
  }

  /**
   * Stops a job in a process that is ending: if it trains here, waits for the step that it is at,
   * and for its checkpoint. Then the lease may be ended. Call it from a shutdown hook.
   *
   * @param job that the lease is for
   * @return whether it trained here, which the log then says
   */
  public static boolean stop(String job) {
    return TrainingRuns.stop(job);
  }

  @Override
  public PCollection<Long> expand(PBegin begin) {
    PCollection<KV<Integer, ViewSlice>> slices =
        begin
            .apply("Plan", PlanSlices.of(spec))
            .apply("Spread", Reshuffle.viaRandomKey())
            .apply("MakeViews", MakeViews.of(spec))
            .apply("ToReplica", WithKeys.<Integer, ViewSlice>of(REPLICA))
            .setCoder(KvCoder.of(VarIntCoder.of(), ViewSlice.ViewSliceCoder.INSTANCE));
    PCollection<Long> checkpoints =
        rounds
            ? slices
                .apply("Group", GroupByKey.create())
                .apply("Train", accelerated(ParDo.of(new RoundTrainFn(spec))))
            : slices.apply("Train", accelerated(ParDo.of(new PipelinedTrainFn(spec))));
    return checkpoints.setCoder(VarLongCoder.of());
  }

  @Override
  public void populateDisplayData(DisplayData.Builder builder) {
    TrainingSettings settings = spec.settings();
    builder
        .add(DisplayData.item("folder", spec.folder()))
        .add(DisplayData.item("images", spec.images()))
        .addIfNotDefault(DisplayData.item("readsClasses", settings.loss().readsClasses()), false)
        .add(DisplayData.item("batchSize", settings.batchSize()))
        .add(DisplayData.item("viewsPerImage", settings.viewsPerImage()))
        .add(DisplayData.item("microBatchSize", settings.microBatchSize()))
        .add(DisplayData.item("viewSize", settings.views().size()))
        .add(DisplayData.item("steps", settings.steps()))
        .add(DisplayData.item("lastStep", spec.lastStep()))
        .add(DisplayData.item("checkpointSteps", spec.checkpoints().steps()))
        .add(DisplayData.item("checkpointTime", spec.checkpoints().time().toString()))
        .add(DisplayData.item("precision", settings.precision().code()))
        .add(DisplayData.item("seed", settings.seed()))
        .add(DisplayData.item("device", spec.device()))
        .add(DisplayData.item("rounds", rounds))
        .addIfNotDefault(DisplayData.item("probeEpochs", spec.probes().epochs()), 0)
        .addIfNotDefault(DisplayData.item("probeImages", spec.probes().images()), 0)
        .addIfNotDefault(DisplayData.item("accelerator", accelerator), "");
  }

  private <T> ParDo.SingleOutput<T, Long> accelerated(ParDo.SingleOutput<T, Long> training) {
    if (!accelerator.isEmpty()) {
      training.setResourceHints(ResourceHints.create().withAccelerator(accelerator));
    }
    return training;
  }

  /** Trains while slices are still being made, and come nearly in order. */
  private static final class PipelinedTrainFn extends TrainFn<KV<Integer, ViewSlice>> {
    private static final String PENDING = "pending";
    private static final String MODEL = "model";

    /** Slices that have come, by {@code step * slices per batch + slice}. */
    @StateId(PENDING)
    @SuppressWarnings("UnusedVariable") // read by Beam
    private final StateSpec<MapState<Long, ViewSlice>> pendingSpec =
        StateSpecs.map(VarLongCoder.of(), ViewSlice.ViewSliceCoder.INSTANCE);

    /** Finds the model again that was used for the slices so far. */
    @StateId(MODEL)
    @SuppressWarnings("UnusedVariable") // read by Beam
    private final StateSpec<ValueState<String>> modelSpec = StateSpecs.value(StringUtf8Coder.of());

    PipelinedTrainFn(TrainingSpec spec) {
      super(spec);
    }

    @ProcessElement
    public void process(
        @Element KV<Integer, ViewSlice> element,
        @StateId(PENDING) MapState<Long, ViewSlice> pending,
        @StateId(MODEL) ValueState<String> model,
        OutputReceiver<Long> out)
        throws IOException {
      ViewSlice slice = element.getValue();
      @Nullable String key = model.read();
      TrainingRuns.Held held = TrainingRuns.open(spec, key, slice.firstStep());
      if (!held.key().equals(key)) {
        model.write(held.key());
      }
      synchronized (held) { // an attempt that the runner gave up may still be at a step
        take(slice, pending, held, out);
      }
    }

    /** Does all steps for which this slice was the last that was missing. */
    private void take(
        ViewSlice slice,
        MapState<Long, ViewSlice> pending,
        TrainingRuns.Held held,
        OutputReceiver<Long> out)
        throws IOException {
      TrainingRun run = held.run();
      if (slice.step() < run.stepsDone()) {
        return; // from before the checkpoint that this run goes on from
      }
      pending.put(spec.place(slice.step(), slice.slice()), slice);
      for (List<ViewSlice> slices = next(pending, run);
          !slices.isEmpty();
          slices = next(pending, run)) {
        step(held, slices, out);
      }
      if (run.isDone()) {
        held.close();
      }
    }

    /** Removes and returns the slices of the run's next step if all are there, else none. */
    private List<ViewSlice> next(MapState<Long, ViewSlice> pending, TrainingRun run) {
      List<ViewSlice> slices = new ArrayList<>();
      for (int slice = 0; slice < spec.slicesPerBatch(); slice++) {
        ViewSlice found = pending.get(spec.place(run.stepsDone(), slice)).read();
        if (found == null) {
          return List.of();
        }
        slices.add(found);
      }
      slices.forEach(slice -> pending.remove(spec.place(slice.step(), slice.slice())));
      return slices;
    }
  }

  /** Trains on all slices of a round, which have come in no order. */
  private static final class RoundTrainFn extends TrainFn<KV<Integer, Iterable<ViewSlice>>> {
    RoundTrainFn(TrainingSpec spec) {
      super(spec);
    }

    /** If the runner repeats this, it goes on from the checkpoint that the last try left. */
    @ProcessElement
    public void process(@Element KV<Integer, Iterable<ViewSlice>> element, OutputReceiver<Long> out)
        throws IOException {
      try (TrainingRuns.Held held = TrainingRuns.open(spec, null, 0);
          SpilledSlices round = SpilledSlices.create(spec)) {
        for (ViewSlice slice : element.getValue()) {
          if (slice.step() >= held.run().stepsDone()) {
            round.put(slice);
          }
        }
        while (!held.run().isDone()) {
          step(held, round.get(held.run().stepsDone()), out);
        }
      }
    }
  }

  /** What both do. */
  private abstract static class TrainFn<T> extends DoFn<T, Long> {
    final TrainingSpec spec;
    private final Counter stepsDone = Metrics.counter(TrainSimclr.class, "steps_done");
    private final Counter imagesTrained = Metrics.counter(TrainSimclr.class, "images_trained");
    private final Gauge loss = Metrics.gauge(TrainSimclr.class, "loss_millionths");
    private final Gauge top1 = Metrics.gauge(TrainSimclr.class, "contrastive_top1_millionths");

    /** The batch, in as many buffers as the network sees it in parts. */
    private transient @Nullable List<ByteBuffer> batch;

    TrainFn(TrainingSpec spec) {
      this.spec = spec;
    }

    @Setup
    public void setup() {
      TrainingRuns.join(spec);
    }

    @Teardown
    public void teardown() {
      TrainingRuns.leave(spec);
    }

    /** Does the step that these slices are the batch of. */
    void step(TrainingRuns.Held held, List<ViewSlice> slices, OutputReceiver<Long> out)
        throws IOException {
      if (batch == null) {
        batch =
            spec.settings().microBatches().stream()
                .map(
                    images ->
                        ByteBuffer.allocateDirect(
                            Math.multiplyExact(images, spec.settings().viewBytes())))
                .toList();
      }
      keepRejects(slices);
      fill(batch, slices);
      try {
        StepStatistics statistics = held.step(batch, classes(slices));
        loss.set(Math.round(1e6 * statistics.loss()));
        top1.set(Math.round(1e6 * statistics.contrastiveTop1()));
      } catch (IOException | RuntimeException e) {
        // The model may be halfway through the step: never go on with it.
        held.close();
        throw e;
      }
      stepsDone.inc();
      imagesTrained.inc(spec.settings().batchSize());
      if (held.run().isCheckpointed()) {
        out.output(held.run().stepsDone());
      }
    }

    /** Lays all views one after the other, as if the buffers were one. */
    private static void fill(List<ByteBuffer> buffers, List<ViewSlice> slices) {
      buffers.forEach(ByteBuffer::clear);
      Iterator<ByteBuffer> rest = buffers.iterator();
      ByteBuffer buffer = rest.next();
      for (ViewSlice slice : slices) {
        for (ByteBuffer views = ByteBuffer.wrap(slice.views()); views.hasRemaining(); ) {
          if (!buffer.hasRemaining()) {
            buffer = rest.next();
          }
          int bytes = Math.min(views.remaining(), buffer.remaining());
          buffer.put(views.slice().limit(bytes));
          views.position(views.position() + bytes);
        }
      }
      buffers.forEach(ByteBuffer::flip);
    }

    private static long[] classes(List<ViewSlice> slices) {
      return slices.stream()
          .flatMap(slice -> slice.classes().stream())
          .mapToLong(Integer::longValue)
          .toArray();
    }

    /** Before the step, as the checkpoint that it may write says that all before it is done. */
    private void keepRejects(List<ViewSlice> slices) throws IOException {
      List<GenericRecord> rejects =
          slices.stream().flatMap(slice -> slice.rejects().stream()).toList();
      if (!rejects.isEmpty()) {
        Reject.write(
            new BeamFileStore(spec.folder()),
            JOB,
            "step-%08d".formatted(slices.get(0).step() + 1),
            rejects);
      }
    }
  }
}

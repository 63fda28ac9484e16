package io.simclrbeam.pipelines.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.openlineage.client.OpenLineage;
import io.openlineage.client.OpenLineageClientUtils;
import io.openlineage.client.transports.ApiKeyTokenProvider;
import io.openlineage.client.transports.HttpConfig;
import io.openlineage.client.transports.HttpTransport;
import io.openlineage.client.utils.DatasetIdentifier;
import io.openlineage.client.utils.filesystem.FilesystemDatasetUtils;
import io.simclrbeam.transforms.dataset.DatasetRun;
import io.simclrbeam.transforms.dataset.RunManifest;
import io.simclrbeam.transforms.storage.BeamFileStore;
import io.simclrbeam.transforms.storage.LocalPaths;
import io.simclrbeam.transforms.storage.StorageException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a catalog of data is told of a published run, as OpenLineage (https://openlineage.io) has
 * it: the images and the model that went in, the data set that came out, and what the run's
 * manifest says. All is taken from the manifest, so it does not matter who tells it, or how often:
 * the event of a run always has the same run id.
 */
public final class OpenLineageEvent {
  /** Among the settings of a run: where its event goes to. */
  public static final String PLACE = "openLineage";

  /** Among the settings of a run: the addresses of what was read, one a line. */
  public static final String INPUTS = "inputs";

  /** Among the settings of a run: digest of the encoder's program. */
  public static final String ENCODER_SHA256 = "encoderSha256";

  private static final Logger LOG = LoggerFactory.getLogger(OpenLineageEvent.class);
  private static final String MODEL = "model";
  private static final String NAMESPACE = "simclr-beam";
  private static final URI PRODUCER = URI.create("pkg:maven/io.simclrbeam/simclr-beam-pipelines");
  private static final Pattern ADDRESS =
      Pattern.compile("(?<scheme>[^:/]+)://(?<authority>[^/]*)(?<path>.*)", Pattern.DOTALL);
  private static final String API_KEY = "OPENLINEAGE_API_KEY";

  private OpenLineageEvent() {}

  /**
   * Checks the address of an OpenLineage server, and returns it.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static String checkServer(String address) {
    try {
      if (new URI(address).parseServerAuthority().getHost() != null) {
        return address;
      }
    } catch (URISyntaxException e) {
      // Said below, as that there is no host is.
    }
    throw new IllegalArgumentException(
        "'%s' is no address of a server, such as http://marquez:5000".formatted(address));
  }

  /** Returns whether a place is a server's address. If not, it is a folder. */
  public static boolean isServer(String place) {
    return place.matches("https?:.*");
  }

  /**
   * Tells of a published run, if it has a place for that among its settings. The run counts whether
   * or not it is told of, so this only warns if it cannot be.
   */
  public static void send(DatasetRun run) {
    try {
      RunManifest manifest = RunManifest.read(new BeamFileStore(run.folder()));
      @Nullable String place = manifest.settings().get(PLACE);
      if (place != null) {
        send(of(run, manifest), run, place);
      }
    } catch (Exception e) { // the client throws what it likes
      LOG.warn(
          "{} is published, but its OpenLineage event could not be sent: {}",
          run.folder(),
          StorageException.reason(e));
    }
  }

  private static void send(OpenLineage.RunEvent event, DatasetRun run, String place)
      throws Exception {
    if (!isServer(place)) {
      byte[] json = OpenLineageClientUtils.toJson(event).getBytes(UTF_8);
      new BeamFileStore(place)
          .write("model=%s.%s.json".formatted(run.model(), run.name()), out -> out.write(json));
      return;
    }
    HttpConfig config = new HttpConfig();
    config.setUrl(URI.create(place));
    @Nullable String key = System.getenv(API_KEY);
    if (key != null) {
      ApiKeyTokenProvider token = new ApiKeyTokenProvider();
      token.setApiKey(key);
      config.setAuth(token);
    }
    try (HttpTransport transport = new HttpTransport(config)) {
      transport.emit(event);
    }
  }

  static OpenLineage.RunEvent of(DatasetRun run, RunManifest manifest) {
    OpenLineage lineage = new OpenLineage(PRODUCER);
    DatasetIdentifier output = identifier(run.dataset());
    return lineage
        .newRunEventBuilder()
        .eventType(OpenLineage.RunEvent.EventType.COMPLETE)
        .eventTime(time(manifest.finishedAt()))
        .run(
            lineage
                .newRunBuilder()
                .runId(UUID.nameUUIDFromBytes((run.model() + run.name()).getBytes(UTF_8)))
                .facets(
                    lineage
                        .newRunFacetsBuilder()
                        .nominalTime(
                            lineage.newNominalTimeRunFacet(
                                time(manifest.startedAt()), time(manifest.finishedAt())))
                        .processing_engine(
                            lineage.newProcessingEngineRunFacet(
                                manifest.versions().getOrDefault("beam", ""), "Apache Beam", null))
                        .put("simclr_beam", described(lineage, manifest))
                        .build())
                .build())
        .job(
            lineage
                .newJobBuilder()
                .namespace(NAMESPACE)
                .name("embed " + output.getNamespace() + ":" + output.getName())
                .facets(
                    lineage
                        .newJobFacetsBuilder()
                        .jobType(lineage.newJobTypeJobFacet("BATCH", "BEAM", "JOB"))
                        .build())
                .build())
        .inputs(inputs(lineage, manifest))
        .outputs(List.of(output(lineage, output, run, manifest)))
        .build();
  }

  private static OpenLineage.RunFacet described(OpenLineage lineage, RunManifest manifest) {
    OpenLineage.RunFacet facet = lineage.newRunFacet();
    Map<String, Object> facts = facet.getAdditionalProperties();
    facts.put("settings", manifest.settings());
    facts.put("versions", manifest.versions());
    facts.put("counts", manifest.counts());
    facts.put("gates", manifest.gates());
    return facet;
  }

  /** The version of what was read is the digest of the ids and contents that have embeddings. */
  private static List<OpenLineage.InputDataset> inputs(OpenLineage lineage, RunManifest manifest) {
    Map<String, String> settings = manifest.settings();
    List<OpenLineage.InputDataset> inputs =
        new ArrayList<>(
            settings
                .getOrDefault(INPUTS, "")
                .lines()
                .map(address -> input(lineage, address, manifest.inputDigest()))
                .toList());
    @Nullable String model = settings.get(MODEL);
    if (model != null) {
      inputs.add(input(lineage, model, settings.getOrDefault(ENCODER_SHA256, manifest.modelId())));
    }
    return inputs;
  }

  private static OpenLineage.InputDataset input(
      OpenLineage lineage, String address, @Nullable String version) {
    DatasetIdentifier identifier = identifier(address);
    return lineage
        .newInputDatasetBuilder()
        .namespace(identifier.getNamespace())
        .name(identifier.getName())
        .facets(
            lineage
                .newDatasetFacetsBuilder()
                .version(lineage.newDatasetVersionDatasetFacet(version))
                .build())
        .build();
  }

  private static OpenLineage.OutputDataset output(
      OpenLineage lineage, DatasetIdentifier output, DatasetRun run, RunManifest manifest) {
    RunManifest.Counts counts = manifest.counts();
    long bytes =
        manifest.files().stream().mapToLong(file -> file.bytes() == null ? 0 : file.bytes()).sum();
    return lineage
        .newOutputDatasetBuilder()
        .namespace(output.getNamespace())
        .name(output.getName())
        .facets(
            lineage
                .newDatasetFacetsBuilder()
                .version(lineage.newDatasetVersionDatasetFacet(run.name()))
                .storage(
                    lineage.newStorageDatasetFacet(
                        output.getNamespace(),
                        manifest.settings().getOrDefault(RunManifest.FORMAT, "avro")))
                .build())
        .outputFacets(
            lineage
                .newOutputDatasetOutputFacetsBuilder()
                .outputStatistics(
                    lineage.newOutputStatisticsOutputDatasetFacet(
                        counts.embedded() + counts.updated() + counts.deleted(),
                        bytes,
                        (long) manifest.files().size()))
                .build())
        .build();
  }

  /** Returns how OpenLineage names what is at an address. */
  private static DatasetIdentifier identifier(String address) {
    Matcher remote = ADDRESS.matcher(address);
    try {
      return FilesystemDatasetUtils.fromLocation(
          LocalPaths.isLocal(address) || !remote.matches()
              ? LocalPaths.of(address).toUri()
              : new URI(
                  remote.group("scheme"),
                  remote.group("authority"),
                  remote.group("path"),
                  null,
                  null));
    } catch (URISyntaxException e) {
      return new DatasetIdentifier(address, NAMESPACE);
    }
  }

  private static @Nullable ZonedDateTime time(@Nullable String instant) {
    return instant == null ? null : Instant.parse(instant).atZone(ZoneOffset.UTC);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.netflix.discovery.converters.EurekaJacksonCodec;
import io.systole.benchmarks.baseline.NestedMapRegistry;
import io.systole.benchmarks.baseline.NetflixRegistry;
import io.systole.benchmarks.readcost.DataSet;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Question: what does a registration cost, from the bytes of its JSON document on, and what a
 * cancel? Held fixed: documents of 960 bytes, 100 instances to an application, {@code instances} of
 * them registered beforehand; one thread. {@code reregister} replaces the document of a random
 * instance; {@code registerAndCancel} adds an instance and cancels it. Systole decodes with its own
 * codec; the baseline reads a Jackson tree and keeps three values of it; Netflix's registry is
 * called without its HTTP resource and decodes with the Jackson codec of its client.
 *
 * <p>The code would change if a registration into a million leases exceeded one into ten thousand
 * by more than its cache misses, or if it cost more than that of Netflix: then the change log or
 * the interning of strings does too much under the registrar's monitor.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms6g", "-Xmx6g", ForkFlags.PRE_TOUCH})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class RegistrationBenchmark {
  private static final int DOCUMENTS = 4_096;
  private static final int INSTANCES_PER_APP = 100;
  private static final int DELTA_CHANGES_MAX = 1_000;
  private static final long SEED = 20_261_121;

  /** The documents that all registries decode. */
  @State(Scope.Benchmark)
  public static class Documents {
    @Param({"10000", "1000000"})
    public int instances;

    private final byte[][] known = new byte[DOCUMENTS][];
    private final byte[][] added = new byte[DOCUMENTS][];
    private int next;

    /** Creates the documents. */
    @Setup
    public void create() {
      Random random = new Random(SEED);
      for (int i = 0; i < DOCUMENTS; i++) {
        known[i] = document(random.nextInt(instances), i + 1);
        added[i] = document(instances + i, 0);
      }
    }

    byte[] document(int index, long change) {
      return dataSet().document(index, change).getBytes(UTF_8);
    }

    private DataSet dataSet() {
      int all = instances + DOCUMENTS;
      return new DataSet(all, all / INSTANCES_PER_APP);
    }

    byte[] nextKnown() {
      return known[step()];
    }

    byte[] nextAdded() {
      return added[step()];
    }

    private int step() {
      next = next + 1 < DOCUMENTS ? next + 1 : 0;
      return next;
    }
  }

  /** The Systole registry, filled with the fleet. */
  @State(Scope.Benchmark)
  public static class Systole {
    private final Clock clock = Clock.startingAtZero();
    private final JsonCodec codec = new JsonCodec();
    private Registry registry = registry(1);

    /** Registers the instances. */
    @Setup
    public void fill(Documents documents) throws MalformedDocumentException {
      registry = registry(documents.instances + 1);
      for (int i = 0; i < documents.instances; i++) {
        register(documents.document(i, 0));
      }
      System.gc();
    }

    private Registry registry(int leasesMax) {
      long retentionMs = TimeUnit.MINUTES.toMillis(3);
      return new Registry(
          new RegistrySettings(leasesMax, true, retentionMs, DELTA_CHANGES_MAX), clock);
    }

    InstanceInfo register(byte[] document) throws MalformedDocumentException {
      InstanceInfo instance = codec.decodeInstance(document, 0, document.length, clock.wallMs());
      registry.register(instance, Origin.CLIENT);
      return instance;
    }
  }

  /** The baseline registry, filled with the fleet. */
  @State(Scope.Benchmark)
  public static class NestedMap {
    private final ObjectMapper mapper = new ObjectMapper();
    private NestedMapRegistry registry = new NestedMapRegistry();

    /** Registers the instances. */
    @Setup
    public void fill(Documents documents) {
      registry = new NestedMapRegistry();
      for (int i = 0; i < documents.instances; i++) {
        register(documents.document(i, 0));
      }
      System.gc();
    }

    JsonNode register(byte[] document) {
      JsonNode instance = mapper.readTree(document).path("instance");
      registry.register(
          instance.path("app").asString(),
          instance.path("instanceId").asString(),
          instance.path("lastDirtyTimestamp").asLong());
      return instance;
    }
  }

  /** Netflix's registry, filled with the fleet. */
  @State(Scope.Benchmark)
  public static class Netflix {
    private final EurekaJacksonCodec codec = new EurekaJacksonCodec();
    private NetflixRegistry registry = NetflixRegistry.create();

    /** Registers the instances. */
    @Setup
    public void fill(Documents documents) throws IOException {
      registry = NetflixRegistry.create();
      for (int i = 0; i < documents.instances; i++) {
        register(documents.document(i, 0));
      }
      System.gc();
    }

    com.netflix.appinfo.InstanceInfo register(byte[] document) throws IOException {
      var instance = codec.readValue(
          com.netflix.appinfo.InstanceInfo.class, new ByteArrayInputStream(document));
      registry.register(instance, instance.getLeaseInfo().getDurationInSecs(), false);
      return instance;
    }
  }

  /** Measures Systole. */
  @Benchmark
  public Object reregisterSystole(Documents documents, Systole ours)
      throws MalformedDocumentException {
    return ours.register(documents.nextKnown());
  }

  /** Measures the baseline. */
  @Benchmark
  public Object reregisterBaseline(Documents documents, NestedMap theirs) {
    return theirs.register(documents.nextKnown());
  }

  /** Measures Netflix's code. */
  @Benchmark
  public Object reregisterNetflix(Documents documents, Netflix theirs) throws IOException {
    return theirs.register(documents.nextKnown());
  }

  /** Measures Systole. */
  @Benchmark
  public boolean registerAndCancelSystole(Documents documents, Systole ours)
      throws MalformedDocumentException {
    InstanceInfo instance = ours.register(documents.nextAdded());
    return requireCancelled(ours.registry.cancel(instance.key(), Origin.CLIENT));
  }

  /** Measures the baseline. */
  @Benchmark
  public boolean registerAndCancelBaseline(Documents documents, NestedMap theirs) {
    JsonNode instance = theirs.register(documents.nextAdded());
    return requireCancelled(theirs.registry.cancel(
        instance.path("app").asString(), instance.path("instanceId").asString()));
  }

  /** Measures Netflix's code. */
  @Benchmark
  public boolean registerAndCancelNetflix(Documents documents, Netflix theirs) throws IOException {
    var instance = theirs.register(documents.nextAdded());
    return requireCancelled(theirs.registry.cancel(instance.getAppName(), instance.getId(), false));
  }

  private static boolean requireCancelled(boolean cancelled) {
    if (!cancelled) {
      throw new IllegalStateException("a registered instance was not cancelled");
    }
    return true;
  }
}

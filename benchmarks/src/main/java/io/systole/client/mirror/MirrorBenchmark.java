// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import com.netflix.discovery.converters.EurekaJacksonCodec;
import io.systole.benchmarks.BenchmarkFleet;
import io.systole.benchmarks.ForkFlags;
import io.systole.benchmarks.RegistryDocuments;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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

/**
 * Question: what does a mirror pay to apply a full response or a delta, from its JSON bytes on, and
 * what does a lookup cost? Held fixed: the bytes; 100 instances to an application; a delta of 20
 * changed instances; network and fetch loop excluded. The copy of Netflix is built as its client
 * builds it: decoded by its Jackson codec, then shuffled and filtered. Its method that applies a
 * delta is private, so {@code deltaDecode}, decoding alone, is the comparison.
 *
 * <p>The code would change if the cost of a delta grew with the registry by more than the depth of
 * its trees, or if a lookup were slower than that of Netflix by a microsecond or more.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms4g", "-Xmx4g", ForkFlags.PRE_TOUCH})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class MirrorBenchmark {
  private static final int DELTA_INSTANCES = 20;

  @Param({"1000", "10000"})
  public int instances;

  private final JsonCodec codec = new JsonCodec();
  private final EurekaJacksonCodec jackson = new EurekaJacksonCodec();
  private byte[] full = {};
  private byte[] delta = {};
  private RegistrySnapshot ours = RegistrySnapshot.EMPTY;
  private com.netflix.discovery.shared.Applications theirs =
      new com.netflix.discovery.shared.Applications();
  private String app = "";
  private String id = "";

  /** Encodes the responses and fills both copies. */
  @Setup
  public void fill() throws MalformedDocumentException, IOException {
    RegistryDocuments documents = new RegistryDocuments(instances);
    full = codec.encodeApplications(documents.all(), Form.FULL);
    List<Application> changed = new ArrayList<>();
    for (int i = 0; i < DELTA_INSTANCES; i++) {
      InstanceInfo instance = documents.instance(i * (instances / DELTA_INSTANCES), i + 1);
      changed.add(new Application(
          instance.app(),
          List.of(instance.toBuilder().actionType(ActionType.MODIFIED).build())));
      app = instance.app();
      id = instance.id();
    }
    delta = codec.encodeApplications(
        new Applications("1", "UP_" + instances + "_", changed), Form.FULL);
    ours = fullSystole();
    theirs = fullNetflix();
    if (ours.size() != instances || theirs.size() != instances) {
      throw new IllegalStateException(ours.size() + " and " + theirs.size() + " of " + instances);
    }
  }

  /** Measures Systole. */
  @Benchmark
  public RegistrySnapshot fullSystole() throws MalformedDocumentException {
    return SnapshotBuilder.of(
        codec.decodeApplications(full, 0, full.length, BenchmarkFleet.DIRTY_MS),
        RegistrySnapshot.NO_VERSION);
  }

  /** Measures Netflix's code. */
  @Benchmark
  public com.netflix.discovery.shared.Applications fullNetflix() throws IOException {
    var decoded = jackson.readValue(
        com.netflix.discovery.shared.Applications.class, new ByteArrayInputStream(full));
    decoded.shuffleInstances(true);
    return decoded;
  }

  /** Measures Systole. */
  @Benchmark
  public RegistrySnapshot deltaSystole() throws MalformedDocumentException {
    SnapshotBuilder draft = new SnapshotBuilder(ours, MirrorListener.NONE);
    draft.applyAll(deltaDecode());
    return draft.build(RegistrySnapshot.NO_VERSION);
  }

  /** Measures decoding alone. */
  @Benchmark
  public Applications deltaDecode() throws MalformedDocumentException {
    return codec.decodeApplications(delta, 0, delta.length, BenchmarkFleet.DIRTY_MS);
  }

  /** Measures the lookup of one instance in Systole. */
  @Benchmark
  public @Nullable InstanceInfo instanceSystole() {
    return ours.instance(app, id);
  }

  /** Measures the lookup of one instance in Netflix's copy. */
  @Benchmark
  public com.netflix.appinfo.InstanceInfo instanceNetflix() {
    return theirs.getRegisteredApplications(app).getByInstanceId(id);
  }

  /** Measures the lookup of the 100 UP instances of an application in Systole. */
  @Benchmark
  public List<InstanceInfo> applicationSystole() {
    return ours.up(app);
  }

  /** Measures the same lookup in Netflix's copy. */
  @Benchmark
  public List<com.netflix.appinfo.InstanceInfo> applicationNetflix() {
    return theirs.getRegisteredApplications(app).getInstances();
  }
}

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
 * Question: what does a mirror pay to take over a full answer or a delta, from their JSON bytes on,
 * and what does a look-up cost its readers? Held fixed: the bytes; a hundred instances to an
 * application; a delta of twenty changed instances; the network and the loop that fetches left out.
 * Netflix's copy is made as their client makes it: decoded by its Jackson codec, then shuffled and
 * filtered. Their way to apply a delta is private to their client, so {@code deltaDecode}, decoding
 * alone, is beside ours.
 *
 * <p>The code would change if a delta grew with the registry by more than the depth of its trees,
 * or if a look-up were slower than Netflix's by more than its readers could feel: a microsecond.
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

  /** Encodes the answers and fills both copies. */
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

  /** Ours. */
  @Benchmark
  public RegistrySnapshot fullSystole() throws MalformedDocumentException {
    return SnapshotBuilder.of(
        codec.decodeApplications(full, 0, full.length, BenchmarkFleet.DIRTY_MS),
        RegistrySnapshot.NO_VERSION);
  }

  /** Netflix's. */
  @Benchmark
  public com.netflix.discovery.shared.Applications fullNetflix() throws IOException {
    var decoded = jackson.readValue(
        com.netflix.discovery.shared.Applications.class, new ByteArrayInputStream(full));
    decoded.shuffleInstances(true);
    return decoded;
  }

  /** Ours. */
  @Benchmark
  public RegistrySnapshot deltaSystole() throws MalformedDocumentException {
    SnapshotBuilder draft = new SnapshotBuilder(ours, MirrorListener.NONE);
    draft.applyAll(deltaDecode());
    return draft.build(RegistrySnapshot.NO_VERSION);
  }

  /** The decoding alone. */
  @Benchmark
  public Applications deltaDecode() throws MalformedDocumentException {
    return codec.decodeApplications(delta, 0, delta.length, BenchmarkFleet.DIRTY_MS);
  }

  /** Ours: one instance. */
  @Benchmark
  public @Nullable InstanceInfo instanceSystole() {
    return ours.instance(app, id);
  }

  /** Netflix's: one instance. */
  @Benchmark
  public com.netflix.appinfo.InstanceInfo instanceNetflix() {
    return theirs.getRegisteredApplications(app).getByInstanceId(id);
  }

  /** Ours: the hundred instances of an application that are UP. */
  @Benchmark
  public List<InstanceInfo> applicationSystole() {
    return ours.up(app);
  }

  /** Netflix's: the same. */
  @Benchmark
  public List<com.netflix.appinfo.InstanceInfo> applicationNetflix() {
    return theirs.getRegisteredApplications(app).getInstances();
  }
}

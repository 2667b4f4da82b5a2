// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import com.netflix.discovery.converters.EurekaJacksonCodec;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.Applications;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
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

/**
 * Question: what does it cost to decode and to encode a registry as JSON? Held fixed: the bytes,
 * encoded by Systole, 960 per instance, 100 instances to an application; one thread; each codec
 * decodes into and encodes from its own model. The other codec is the default of the client and
 * server of Netflix: Jackson databind with its serializers.
 *
 * <p>The code would change if Systole were slower at either, since Jackson could replace its codec,
 * or if an instance in a registry of a thousand cost more than a single one.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms2g", "-Xmx2g", ForkFlags.PRE_TOUCH})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class JsonCodecBenchmark {
  @Param({"1", "1000"})
  public int instances;

  private final JsonCodec systole = new JsonCodec();
  private final EurekaJacksonCodec jackson = new EurekaJacksonCodec();
  private Applications ours = new Applications("1", "", List.of());
  private com.netflix.discovery.shared.Applications theirs =
      new com.netflix.discovery.shared.Applications();
  private byte[] bytes = {};

  /** Encodes the registry and decodes it with both. */
  @Setup
  public void encode() throws MalformedDocumentException, IOException {
    bytes = systole.encodeApplications(new RegistryDocuments(instances).all(), Form.FULL);
    ours = decodeSystole();
    theirs = decodeJackson();
    if (theirs.size() != instances) {
      throw new IllegalStateException("decoded " + theirs.size() + " of " + instances);
    }
  }

  /** Measures Systole. */
  @Benchmark
  public Applications decodeSystole() throws MalformedDocumentException {
    return systole.decodeApplications(bytes, 0, bytes.length, BenchmarkFleet.DIRTY_MS);
  }

  /** Measures Netflix's code. */
  @Benchmark
  public com.netflix.discovery.shared.Applications decodeJackson() throws IOException {
    return jackson.readValue(
        com.netflix.discovery.shared.Applications.class, new ByteArrayInputStream(bytes));
  }

  /** Measures Systole. */
  @Benchmark
  public byte[] encodeSystole() {
    return systole.encodeApplications(ours, Form.FULL);
  }

  /** Measures Netflix's code. */
  @Benchmark
  public byte[] encodeJackson() throws IOException {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream(bytes.length);
    jackson.writeTo(theirs, encoded);
    return encoded.toByteArray();
  }
}

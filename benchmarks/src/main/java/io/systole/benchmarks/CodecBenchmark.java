// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.Applications;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
 * Question: what does it cost to decode and to encode a registry? Held fixed: the bytes, encoded by
 * Systole, 960 per instance in JSON, 100 instances to an application; one thread; each codec
 * decodes into and encodes from its own model. The other codec is the default of the client and
 * server of Netflix.
 *
 * <p>The code would change if Systole were slower at either, since the other codec's library could
 * replace its own, or if an instance in a registry of a thousand cost more than a single one.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms2g", "-Xmx2g", ForkFlags.PRE_TOUCH})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public abstract class CodecBenchmark {
  @Param({"1", "1000"})
  public int instances;

  private final Codec systole;
  private Applications ours = new Applications("1", "", List.of());
  private com.netflix.discovery.shared.Applications theirs =
      new com.netflix.discovery.shared.Applications();
  private byte[] bytes = {};

  CodecBenchmark(Codec systole) {
    this.systole = systole;
  }

  abstract com.netflix.discovery.shared.Applications decode(InputStream in) throws IOException;

  abstract void encode(com.netflix.discovery.shared.Applications registry, OutputStream out)
      throws IOException;

  /** Encodes the registry and decodes it with both codecs. */
  @Setup
  public void fill() throws MalformedDocumentException, IOException {
    bytes = systole.encodeApplications(new RegistryDocuments(instances).all(), Form.FULL);
    ours = decodeSystole();
    theirs = decodeNetflix();
    if (theirs.size() != instances) {
      throw new IllegalStateException("decoded " + theirs.size() + " of " + instances);
    }
  }

  /** Measures Systole. */
  @Benchmark
  public Applications decodeSystole() throws MalformedDocumentException {
    return systole.decodeApplications(bytes, 0, bytes.length, BenchmarkFleet.DIRTY_MS);
  }

  /** Measures Systole. */
  @Benchmark
  public byte[] encodeSystole() {
    return systole.encodeApplications(ours, Form.FULL);
  }

  final com.netflix.discovery.shared.Applications decodeNetflix() throws IOException {
    return decode(new ByteArrayInputStream(bytes));
  }

  final byte[] encodeNetflix() throws IOException {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream(bytes.length);
    encode(theirs, encoded);
    return encoded.toByteArray();
  }
}

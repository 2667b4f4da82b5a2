// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import com.netflix.discovery.converters.EurekaJacksonCodec;
import com.netflix.discovery.shared.Applications;
import io.systole.protocol.codec.JsonCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.openjdk.jmh.annotations.Benchmark;

/** JSON, compared with Jackson databind and the serializers of Netflix. */
public class JsonCodecBenchmark extends CodecBenchmark {
  private final EurekaJacksonCodec jackson = new EurekaJacksonCodec();

  public JsonCodecBenchmark() {
    super(new JsonCodec());
  }

  @Override
  Applications decode(InputStream in) throws IOException {
    return jackson.readValue(Applications.class, in);
  }

  @Override
  void encode(Applications registry, OutputStream out) throws IOException {
    jackson.writeTo(registry, out);
  }

  /** Measures Jackson. */
  @Benchmark
  public Applications decodeJackson() throws IOException {
    return decodeNetflix();
  }

  /** Measures Jackson. */
  @Benchmark
  public byte[] encodeJackson() throws IOException {
    return encodeNetflix();
  }
}

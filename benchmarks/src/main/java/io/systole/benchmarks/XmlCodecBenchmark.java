// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import com.netflix.discovery.converters.XmlXStream;
import com.netflix.discovery.shared.Applications;
import io.systole.protocol.codec.XmlCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.openjdk.jmh.annotations.Benchmark;

/** XML, compared with XStream and the converters of Netflix. */
public class XmlCodecBenchmark extends CodecBenchmark {
  private final XmlXStream xstream = XmlXStream.getInstance();

  public XmlCodecBenchmark() {
    super(new XmlCodec());
  }

  @Override
  Applications decode(InputStream in) {
    return (Applications) xstream.fromXML(in, new Applications());
  }

  @Override
  void encode(Applications registry, OutputStream out) {
    xstream.toXML(registry, out);
  }

  /** Measures XStream. */
  @Benchmark
  public Applications decodeXStream() throws IOException {
    return decodeNetflix();
  }

  /** Measures XStream. */
  @Benchmark
  public byte[] encodeXStream() throws IOException {
    return encodeNetflix();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.server.peer.PeerRegistryReader.TooLargeException;
import io.systole.server.time.ManualClock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Registries that small compressed responses may expand to. */
class PeerRegistryReaderTest {
  private static final String INSTANCE = """
      {"instanceId":"i-1","app":"DEMO","hostName":"h","ipAddr":"10.0.0.1","status":"UP",\
      "dataCenterInfo":{"name":"MyOwn"}}""";

  private final List<String> read = new ArrayList<>();

  @Test
  void read_asManyInstancesAsAllowed_arePassedOn() throws MalformedDocumentException {
    int malformed = read(registry(INSTANCE, INSTANCE, "{}"), 2);

    assertThat(malformed).isEqualTo(1);
    assertThat(read).containsExactly("i-1", "i-1");
  }

  /** One instance was repeated without end. */
  @Test
  void read_repeatedInstances_countAsInstances() {
    assertThatThrownBy(() -> read(registry(INSTANCE, INSTANCE, INSTANCE), 2))
        .hasCauseInstanceOf(TooLargeException.class)
        .hasMessageContaining("--max-instances");
    assertThat(read).hasSize(2);
  }

  /** The limits of text and metadata together allow for 256 MB of one instance. */
  @Test
  void read_instanceIsHuge_isRefusedBeforeItIsDecoded() {
    StringBuilder metadata = new StringBuilder("\"metadata\":{\"k\":\"v\"");
    for (int i = 0; i < 50; i++) {
      metadata
          .append(",\"k")
          .append(i)
          .append("\":\"")
          .append("v".repeat(100_000))
          .append('"');
    }
    String huge = INSTANCE.replaceFirst("\"app\"", metadata + "},\"app\"");

    assertThatThrownBy(() -> read(registry(huge), 2)).hasCauseInstanceOf(TooLargeException.class);

    assertThat(read).isEmpty();
  }

  @Test
  void read_afterTheDeadline_fails() throws IOException {
    ManualClock clock = new ManualClock();
    long deadlineNs = clock.monotonicNs() + TimeUnit.SECONDS.toNanos(1);
    InputStream in =
        new DeadlineInputStream(new ByteArrayInputStream(new byte[] {1, 2, 3}), clock, deadlineNs);
    clock.advanceMs(1_000);
    assertThat(in.read()).isEqualTo(1);

    clock.advanceMs(1);

    assertThatIOException().isThrownBy(in::read);
    assertThatIOException().isThrownBy(() -> in.read(new byte[2]));
  }

  private int read(String registry, int instancesMax) throws MalformedDocumentException {
    InputStream body = new ByteArrayInputStream(registry.getBytes(StandardCharsets.UTF_8));
    return PeerRegistryReader.read(body, instancesMax, 0, instance -> read.add(instance.id()));
  }

  private static String registry(String... instances) {
    return "{\"applications\":{\"application\":[{\"name\":\"DEMO\",\"instance\":["
        + String.join(",", instances) + "]}]}}";
  }
}

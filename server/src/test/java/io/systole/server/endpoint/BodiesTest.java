// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import io.systole.server.time.ManualClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodiesTest {
  private static final int BYTES_MAX = 1_000;
  private static final byte[] TEXT = "{\"replicationList\":[]}".getBytes(US_ASCII);

  private final Bodies bodies = new Bodies(BYTES_MAX);

  @Test
  void plain_uncoded_isTheBodyItself() {
    assertThat(bodies.plain(Requests.post(TEXT))).isSameAs(TEXT);
    assertThat(bodies.plain(coded(TEXT, "Identity"))).isSameAs(TEXT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "GZIP", "x-gzip"})
  void plain_gzip_isUnpacked(String coding) throws IOException {
    assertThat(bodies.plain(coded(gzip(TEXT), coding))).isEqualTo(TEXT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"deflate", "br", "gzip, gzip", ""})
  void plain_otherCoding_isRefused(String coding) throws IOException {
    assertThat(bodies.plain(coded(gzip(TEXT), coding))).isNull();
  }

  @Test
  void plain_severalMembers_areOneBody() throws IOException {
    byte[] packed = concat(gzip("{\"a\":".getBytes(US_ASCII)), gzip("1}".getBytes(US_ASCII)));

    assertThat(bodies.plain(coded(packed, "gzip"))).isEqualTo("{\"a\":1}".getBytes(US_ASCII));
  }

  @Test
  void plain_exactlyTheBound_isTaken() throws IOException {
    assertThat(bodies.plain(coded(gzip(new byte[BYTES_MAX]), "gzip"))).hasSize(BYTES_MAX);
  }

  @Test
  void plain_oneOverTheBound_isRefused() throws IOException {
    assertThat(bodies.plain(coded(gzip(new byte[BYTES_MAX + 1]), "gzip"))).isNull();
  }

  @Test
  void plain_bomb_isRefusedWithinBoundedMemory() throws IOException {
    byte[] bomb = gzip(new byte[200 << 20]);
    Request request = coded(bomb, "gzip");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();

    byte[] plain = bodies.plain(request);

    assertThat(plain).isNull();
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .isLessThan(bomb.length + 100 * BYTES_MAX);
  }

  @Test
  void plain_truncatedAnywhere_isRefused() throws IOException {
    byte[] packed = gzip(TEXT);

    for (int length = 0; length < packed.length; length++) {
      assertThat(bodies.plain(coded(Arrays.copyOf(packed, length), "gzip")))
          .as("first %d of %d bytes", length, packed.length)
          .isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 9, 17, 18, 19, 40, 600})
  void plain_followedByGarbage_isRefused(int garbageBytes) throws IOException {
    byte[] garbage = new byte[garbageBytes];
    Arrays.fill(garbage, (byte) 'x');

    assertThat(bodies.plain(coded(concat(gzip(TEXT), garbage), "gzip"))).isNull();
  }

  @Test
  void plain_wrongChecksum_isRefused() throws IOException {
    byte[] packed = gzip(TEXT);
    packed[packed.length - 8] ^= 1;

    assertThat(bodies.plain(coded(packed, "gzip"))).isNull();
  }

  @Test
  void batch_ofABomb_is400() throws IOException {
    ManualClock clock = new ManualClock();
    Registry registry = new Registry(new RegistrySettings(1, true, 180_000, 10), clock);
    ReplicationBatchEndpoint endpoint = new ReplicationBatchEndpoint(registry, bodies, clock);

    Reply reply = endpoint.handle(coded(gzip(new byte[BYTES_MAX + 1]), "gzip"));

    assertThat(reply.status()).isEqualTo(400);
  }

  private static Request coded(byte[] body, String coding) {
    return Requests.post(body, "Content-Type", "application/json", "Content-Encoding", coding);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.systole.server.endpoint.RequestBodyDecoder.BodyTooLargeException;
import io.systole.server.metrics.Counters;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.registry.RenewedSlots;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.time.ManualClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestBodyDecoderTest {
  private static final int BYTES_MAX = 1_000;
  private static final byte[] TEXT = "{\"replicationList\":[]}".getBytes(US_ASCII);

  private final RequestBodyDecoder decoder = new RequestBodyDecoder(BYTES_MAX);

  @Test
  void decode_uncoded_isTheBodyItself() throws Exception {
    assertThat(decoder.decode(Requests.post(TEXT))).isSameAs(TEXT);
    assertThat(decoder.decode(coded(TEXT, "Identity"))).isSameAs(TEXT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "GZIP", "x-gzip"})
  void decode_gzip_isUnpacked(String coding) throws Exception {
    assertThat(decoder.decode(coded(gzip(TEXT), coding))).isEqualTo(TEXT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"deflate", "br", "gzip, gzip", ""})
  void decode_otherCoding_isRefused(String coding) throws Exception {
    assertThat(decoder.decode(coded(gzip(TEXT), coding))).isNull();
  }

  @Test
  void decode_secondMember_isRefused() throws Exception {
    byte[] packed = concat(gzip("{\"a\":".getBytes(US_ASCII)), gzip("1}".getBytes(US_ASCII)));

    assertThat(decoder.decode(coded(packed, "gzip"))).isNull();
  }

  /** The JDK's stream recursed for each of them until the stack overflowed. */
  @Test
  void decode_manyEmptyMembers_isRefused() throws Exception {
    byte[] empty = gzip(new byte[0]);
    byte[] packed = new byte[50_000 * empty.length];
    for (int from = 0; from < packed.length; from += empty.length) {
      System.arraycopy(empty, 0, packed, from, empty.length);
    }

    assertThat(decoder.decode(coded(packed, "gzip"))).isNull();
  }

  @Test
  void decode_headWithAllFields_isUnpacked() throws Exception {
    byte[] plainHead = Arrays.copyOf(gzip(TEXT), 10);
    plainHead[3] = 0b1_1110;
    byte[] fields = {2, 0, 'x', 'y', 'n', 0, 'c', 0, 1, 2};
    byte[] rest = Arrays.copyOfRange(gzip(TEXT), 10, gzip(TEXT).length);

    byte[] packed = concat(concat(plainHead, fields), rest);

    assertThat(decoder.decode(coded(packed, "gzip"))).isEqualTo(TEXT);
  }

  @Test
  void decode_extraFieldBeyondTheEnd_isRefused() throws Exception {
    byte[] packed = Arrays.copyOf(gzip(TEXT), 12);
    packed[3] = 4;
    packed[10] = (byte) 0xFF;
    packed[11] = (byte) 0xFF;

    assertThat(decoder.decode(coded(packed, "gzip"))).isNull();
  }

  @Test
  void decode_exactlyTheBound_isTaken() throws Exception {
    assertThat(decoder.decode(coded(gzip(new byte[BYTES_MAX]), "gzip"))).hasSize(BYTES_MAX);
  }

  @Test
  void decode_oneOverTheBound_isTooLarge() throws Exception {
    Request request = coded(gzip(new byte[BYTES_MAX + 1]), "gzip");

    assertThatThrownBy(() -> decoder.decode(request)).isInstanceOf(BodyTooLargeException.class);
  }

  @Test
  void decode_bomb_isRefusedWithinBoundedMemory() throws Exception {
    byte[] bomb = gzip(new byte[200 << 20]);
    Request request = coded(bomb, "gzip");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();

    assertThatThrownBy(() -> decoder.decode(request)).isInstanceOf(BodyTooLargeException.class);

    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .isLessThan(bomb.length + 100 * BYTES_MAX);
  }

  @Test
  void decode_truncatedAnywhere_isRefused() throws Exception {
    byte[] packed = gzip(TEXT);

    for (int length = 0; length < packed.length; length++) {
      assertThat(decoder.decode(coded(Arrays.copyOf(packed, length), "gzip")))
          .as("first %d of %d bytes", length, packed.length)
          .isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 9, 17, 18, 19, 40, 600})
  void decode_followedByGarbage_isRefused(int garbageBytes) throws Exception {
    byte[] garbage = new byte[garbageBytes];
    Arrays.fill(garbage, (byte) 'x');

    assertThat(decoder.decode(coded(concat(gzip(TEXT), garbage), "gzip"))).isNull();
  }

  @Test
  void decode_wrongChecksum_isRefused() throws Exception {
    byte[] packed = gzip(TEXT);
    packed[packed.length - 8] ^= 1;

    assertThat(decoder.decode(coded(packed, "gzip"))).isNull();
  }

  @Test
  void batch_ofABomb_is413() throws IOException {
    ManualClock clock = new ManualClock();
    Registry registry = new Registry(new RegistrySettings(1, true, 180_000, 10), clock);
    ReplicationBatchEndpoint endpoint = new ReplicationBatchEndpoint(
        registry, decoder, clock, new Counters(), () -> RenewedSlots.NONE, "run");

    Response response = endpoint.handle(coded(gzip(new byte[BYTES_MAX + 1]), "gzip"));

    assertThat(response.status()).isEqualTo(413);
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

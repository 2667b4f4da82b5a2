// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.renewal.LeaseHandle;
import io.systole.protocol.renewal.RenewalFrame;
import io.systole.protocol.renewal.RenewalFrameEncoder;
import io.systole.server.LiveNode.NodeResponse;
import io.systole.server.net.LiveClient;
import io.systole.server.net.ParsedResponse;
import io.systole.server.registry.RenewOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Handles and renewal frames over the wire (spec §10). */
class RenewalFramesTest {
  private static final String REQUEST = "Systole-Lease: ?\r\n";
  private static final long DURATION_MS = 90_000;

  private LiveNode node;

  @BeforeEach
  void start() throws IOException {
    node = LiveNode.start(Map.of());
  }

  @AfterEach
  void stop() {
    node.close();
  }

  // ---- handles

  @Test
  void register_withoutTheField_hasNoHandle() throws IOException {
    assertThat(register(node, "i", "").headers()).doesNotContainKey("systole-lease");
    assertThat(heartbeat(node, "i", "", "").headers()).doesNotContainKey("systole-lease");
  }

  @Test
  void heartbeat_withTheField_hasTheHandleOfTheRegistration() throws IOException {
    NodeResponse registered = register(node, "i", REQUEST);
    NodeResponse renewed = heartbeat(node, "i", "?lastDirtyTimestamp=1700000000000", REQUEST);

    assertThat(registered.status()).isEqualTo(204);
    assertThat(renewed.status()).isEqualTo(200);
    assertThat(renewed.body()).isEmpty();
    assertThat(handle(renewed)).isEqualTo(handle(registered));
    assertThat(handle(heartbeat(node, "i", "", REQUEST))).isEqualTo(handle(registered));
  }

  @Test
  void heartbeat_refusedOrOfAPeer_hasNoHandle() throws IOException {
    String peer = REQUEST + "x-netflix-discovery-replication: true\r\n";
    register(node, "i", "");

    NodeResponse newer = heartbeat(node, "i", "?lastDirtyTimestamp=1700000000001", REQUEST);
    NodeResponse unknown = heartbeat(node, "j", "", REQUEST);
    NodeResponse ofPeer = heartbeat(node, "i", "", peer);

    assertThat(newer.status()).isEqualTo(404);
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(ofPeer.status()).isEqualTo(200);
    assertThat(newer.headers()).doesNotContainKey("systole-lease");
    assertThat(unknown.headers()).doesNotContainKey("systole-lease");
    assertThat(ofPeer.headers()).doesNotContainKey("systole-lease");
  }

  // ---- frames

  @Test
  void frame_validHandles_renewsAsHeartbeats() throws IOException {
    LeaseHandle first = handle(register(node, "i", REQUEST));
    LeaseHandle second = handle(register(node, "j", REQUEST));
    node.passTime(DURATION_MS - 1);

    NodeResponse response = send(node, first, second);
    node.passTime(DURATION_MS + 1);

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
    assertThat(node.server.registry().expiry().evictExpired(0)).isZero();
    assertThat(node.server.registry().renewal().count(RenewOutcome.RENEWED)).isEqualTo(2);
    assertThat(metrics(node))
        .contains("systole_registry_frames_total 1.0")
        .contains("systole_registry_frame_renewals_total{outcome=\"renewed\"} 2.0")
        .contains("systole_net_request_duration_seconds_count{kind=\"heartbeat\"} 1");
  }

  @Test
  void frame_leaseEvictedInBetween_namesItsPosition() throws Exception {
    LeaseHandle evicted = handle(register(node, "i", REQUEST));
    node.passTime(2 * DURATION_MS);
    assertThat(node.server.registry().expiry().evictExpired(0)).isEqualTo(1);
    LeaseHandle reused = handle(register(node, "j", REQUEST));
    LeaseHandle other = handle(register(node, "k", REQUEST));

    NodeResponse response = send(node, evicted, other);

    assertThat(reused.slot()).isEqualTo(evicted.slot());
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.type()).isEqualTo("application/octet-stream");
    assertThat(RenewalFrame.refusedPositions(requireNonNull(response.body()), 2))
        .containsExactly(0);
    assertThat(heartbeat(node, "i", "", REQUEST).status()).isEqualTo(404);
    assertThat(metrics(node))
        .contains("systole_registry_frame_renewals_total{outcome=\"refused\"} 1.0");
  }

  /** A restarted node restores the lease, in the same slot, and has another epoch. */
  @Test
  void frame_ofTheRunBeforeARestart_renewsNothing(@TempDir Path directory) throws IOException {
    Map<String, String> options = Map.of("--data-dir", directory.toString());
    LeaseHandle before;
    try (LiveNode first = LiveNode.start(options)) {
      before = handle(register(first, "i", REQUEST));
    }
    try (LiveNode second = LiveNode.start(options)) {
      NodeResponse response = send(second, before);
      LeaseHandle after =
          handle(heartbeat(second, "i", "?lastDirtyTimestamp=1700000000000", REQUEST));

      assertThat(response.status()).isEqualTo(409);
      assertThat(response.body()).isEmpty();
      assertThat(after.slot()).isEqualTo(before.slot());
      assertThat(after.epoch()).isNotEqualTo(before.epoch());
      assertThat(second.server.registry().renewal().count()).isEqualTo(1);
      assertThat(send(second, after).status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "00", "1f8b0800", "01 0123456789abcdef 0001 00000000 00 00000001 80"})
  void frame_malformed_isRefusedAndTheConnectionIsUsable(String hex) throws IOException {
    byte[] frame = HexFormat.of().parseHex(hex.replace(" ", ""));
    try (LiveClient client = node.connect()) {
      for (int i = 0; i < 2; i++) {
        client.send(request(frame, ""));
        ParsedResponse response = client.response();
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).isNotEmpty();
      }
    }
  }

  @Test
  void frame_markedAsAPeers_isRefused() throws IOException {
    LeaseHandle handle = handle(register(node, "i", REQUEST));
    byte[] frame = RenewalFrameEncoder.encode(handle.epoch(), new long[] {handle.key()}, 1);

    NodeResponse response =
        node.exchange(request(frame, "x-netflix-discovery-replication: true\r\n"));

    assertThat(response.status()).isEqualTo(400);
    assertThat(node.server.registry().renewal().count()).isZero();
  }

  @Test
  void frame_ofTheMaximumSize_isDecodedAndOneByteMoreIsNot() throws IOException {
    byte[] largest = new byte[RenewalFrame.BYTES_MAX];

    assertThat(node.exchange(request(largest, "")).text()).isEqualTo("a frame of version 0");
    assertThat(node.exchange(request(Arrays.copyOf(largest, largest.length + 1), ""))
            .status())
        .isEqualTo(413);
  }

  @Test
  void frame_otherMethodOrPrefix_isAsOfAnyResource() throws IOException {
    LeaseHandle handle = handle(register(node, "i", REQUEST));
    byte[] frame = RenewalFrameEncoder.encode(handle.epoch(), new long[] {handle.key()}, 1);
    String byOtherPrefix =
        new String(request(frame, ""), ISO_8859_1).replace("/v2/", "/eureka/v2/");

    assertThat(node.exchange(byOtherPrefix.getBytes(ISO_8859_1)).status()).isEqualTo(200);
    assertThat(node.exchange("PUT /v2/renewals HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(ISO_8859_1))
            .status())
        .isEqualTo(405);
  }

  private static NodeResponse register(LiveNode node, String id, String field) throws IOException {
    String body = PlainInstance.of("DEMO", id);
    return node.exchange(("POST /v2/apps/DEMO HTTP/1.1\r\nHost: a\r\n" + field
            + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
            + body)
        .getBytes(ISO_8859_1));
  }

  private static NodeResponse heartbeat(LiveNode node, String id, String query, String field)
      throws IOException {
    return node.exchange(("PUT /v2/apps/DEMO/" + id + query + " HTTP/1.1\r\nHost: a\r\n" + field
            + "Content-Length: 0\r\n\r\n")
        .getBytes(ISO_8859_1));
  }

  private static LeaseHandle handle(NodeResponse response) {
    String value = requireNonNull(response.headers().get("systole-lease"));
    return requireNonNull(LeaseHandle.parse(value), value);
  }

  /** Sends a frame with handles in ascending order. */
  private static NodeResponse send(LiveNode node, LeaseHandle... handles) throws IOException {
    long[] keys = Arrays.stream(handles).mapToLong(LeaseHandle::key).toArray();
    byte[] frame = RenewalFrameEncoder.encode(handles[0].epoch(), keys, keys.length);
    return node.exchange(request(frame, ""));
  }

  private static byte[] request(byte[] frame, String field) {
    byte[] head = ("POST /v2/renewals HTTP/1.1\r\nHost: a\r\n" + field + "Content-Length: "
            + frame.length + "\r\n\r\n")
        .getBytes(ISO_8859_1);
    byte[] request = Arrays.copyOf(head, head.length + frame.length);
    System.arraycopy(frame, 0, request, head.length, frame.length);
    return request;
  }

  private static String metrics(LiveNode node) throws IOException {
    return node.exchange("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(ISO_8859_1))
        .text();
  }
}

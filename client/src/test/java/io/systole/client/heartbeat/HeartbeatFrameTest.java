// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.renewal.LeaseHandle;
import io.systole.protocol.renewal.MalformedRenewalsException;
import io.systole.protocol.renewal.RenewalFrameEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class HeartbeatFrameTest {
  private static Session session(int slot, int generation) {
    Session session = Sessions.session("A", "i" + slot);
    Sessions.accept(session, 1_000);
    session.handle(new LeaseHandle(0x0123_4567_89ab_cdefL, slot, generation));
    return session;
  }

  @Test
  void write_sessionsInAnyOrder_isTheFrameOfTheSpecification() {
    HeartbeatFrame frame = HeartbeatFrame.due(
        new Session[] {session(200, 0), session(5, 7), session(3, 0), session(4, 0)}, 4, 0);
    FrameBuffer out = new FrameBuffer();

    new HeartbeatEncoder("/v2", "Host: h\r\n").write(frame, out);

    String head = """
        POST /v2/renewals HTTP/1.1\r
        Host: h\r
        Content-Type: application/octet-stream\r
        Content-Length: 34\r
        \r
        """;
    String bytes = new String(out.bytes(), 0, out.length(), StandardCharsets.ISO_8859_1);
    assertThat(bytes).startsWith(head);
    assertThat(HexFormat.of()
            .formatHex(bytes.substring(head.length()).getBytes(StandardCharsets.ISO_8859_1)))
        .isEqualTo(
            "010123456789abcdef0002000000000000000004" + "0300c301" + "00000007000000000105");
  }

  @Test
  void writeRequesting_heartbeat_hasTheField() {
    FrameBuffer out = new FrameBuffer();

    new HeartbeatEncoder("/v2", "Host: h\r\n").writeRequesting(session(1, 0), out);

    assertThat(new String(out.bytes(), 0, out.length(), StandardCharsets.ISO_8859_1))
        .isEqualTo("""
            PUT /v2/apps/A/i1?status=UP&lastDirtyTimestamp=1000 HTTP/1.1\r
            Host: h\r
            Systole-Lease: ?\r
            Content-Length: 0\r
            \r
            """);
  }

  @Test
  void refused_positions_areThoseOfTheFrameNotOfTheSessions() throws Exception {
    HeartbeatFrame frame = HeartbeatFrame.due(
        new Session[] {session(200, 0), session(5, 7), session(3, 0), session(4, 0)}, 4, 0);

    assertThat(frame.refused(new byte[0]).stream()).isEmpty();
    assertThat(frame.refused(RenewalFrameEncoder.encodeRefused(new int[] {0, 3}, 2)).stream())
        .containsExactly(1, 2);
  }

  @Test
  void refused_handleChangedMeanwhile_isThatOfTheSending() throws Exception {
    Session changed = session(9, 0);
    HeartbeatFrame frame = HeartbeatFrame.due(new Session[] {changed, session(5, 0)}, 2, 0);

    changed.handle(new LeaseHandle(1, 1, 1));

    assertThat(frame.refused(RenewalFrameEncoder.encodeRefused(new int[] {1}, 1)).stream())
        .containsExactly(0);
  }

  /** The same instance may be registered twice. */
  @Test
  void refused_sessionsWithTheSameHandle_areRefusedTogether() throws Exception {
    HeartbeatFrame frame =
        HeartbeatFrame.due(new Session[] {session(5, 0), session(9, 0), session(5, 0)}, 3, 0);

    assertThat(frame.refused(RenewalFrameEncoder.encodeRefused(new int[] {0}, 1)).stream())
        .containsExactly(0, 2);
  }

  @Test
  void refused_positionBeyondTheFrame_isMalformed() {
    HeartbeatFrame frame = HeartbeatFrame.due(new Session[] {session(5, 0)}, 1, 0);

    assertThatThrownBy(() -> frame.refused(RenewalFrameEncoder.encodeRefused(new int[] {1}, 1)))
        .isInstanceOf(MalformedRenewalsException.class);
  }
}

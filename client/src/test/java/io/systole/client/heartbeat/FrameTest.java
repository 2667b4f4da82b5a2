// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FrameTest {
  private static final String HOST = "Host: 127.0.0.1:8761\r\n";

  private final HeartbeatEncoder beats = new HeartbeatEncoder("/v2", HOST);
  private final RegistrationEncoder changes = new RegistrationEncoder("/v2", HOST);
  private final FrameBuffer buffer = new FrameBuffer();

  private String text() {
    return new String(buffer.bytes(), 0, buffer.length(), StandardCharsets.US_ASCII);
  }

  @Test
  void beat_registered_matchesEurekaClient() {
    Session session = Sessions.session("Demo", "192.0.2.2:demo:28420");
    Sessions.accept(session, 1_795_206_403_391L);

    beats.write(session, buffer);

    assertThat(text())
        .isEqualTo(
            "PUT /v2/apps/DEMO/192.0.2.2:demo:28420?status=UP&lastDirtyTimestamp=1795206403391"
                + " HTTP/1.1\r\nHost: 127.0.0.1:8761\r\nContent-Length: 0\r\n\r\n");
  }

  @Test
  void beat_registeredAgain_carriesTheLaterTimestamp() {
    Session session = Sessions.session("A", "i");
    Sessions.accept(session, 9);
    session.beatAnswered(404, 0);
    Sessions.accept(session, 1_000);

    beats.write(session, buffer);

    assertThat(text())
        .startsWith("PUT /v2/apps/A/i?status=UP&lastDirtyTimestamp=1000 HTTP/1.1\r\n");
  }

  @Test
  void beat_notUp_carriesStatus() {
    InstanceInfo starting = InstanceInfo.builder()
        .app("A")
        .instanceId("i")
        .status(InstanceStatus.STARTING)
        .build();
    Session session = Session.of(lastDirtyMs -> starting, starting, null, null);
    Sessions.accept(session, 1);

    beats.write(session, buffer);

    assertThat(text()).startsWith("PUT /v2/apps/A/i?status=STARTING&lastDirtyTimestamp=1 ");
  }

  @Test
  void beat_specialCharacters_areEncoded() {
    Session session = Sessions.session("a b", "x/y;z?é");
    Sessions.accept(session, 1);

    beats.write(session, buffer);

    assertThat(text()).startsWith("PUT /v2/apps/A%20B/x%2Fy%3Bz%3F%C3%A9?status=UP&");
  }

  @Test
  void beat_beyondCapacity_growsBuffer() {
    Session session = Sessions.session("A", "i".repeat(1000));
    Sessions.accept(session, 1);

    for (int frame = 0; frame < 100; frame++) {
      beats.write(session, buffer);
    }

    beats.write(session, new FrameBuffer());
    String one = text().substring(0, buffer.length() / 100);
    assertThat(text()).isEqualTo(one.repeat(100));
  }

  @Test
  void register_document_followsItsLength() {
    Session session = Sessions.session("demo", "i-1");

    changes.writeRegister(session, "{}".getBytes(StandardCharsets.US_ASCII), buffer);

    assertThat(text())
        .isEqualTo("POST /v2/apps/DEMO HTTP/1.1\r\nHost: 127.0.0.1:8761\r\n"
            + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
  }

  @Test
  void cancel_registered_hasNoTimestamp() {
    Session session = Sessions.session("demo", "i-1");
    Sessions.accept(session, 1_795_206_403_391L);

    changes.writeCancel(session, buffer);

    assertThat(text()).isEqualTo("DELETE /v2/apps/DEMO/i-1 HTTP/1.1\r\n" + HOST + "\r\n");
  }

  @Test
  void session_withoutApplicationOrId_throws() {
    assertThatThrownBy(() -> Sessions.session("", "i")).hasMessageContaining("app=''");
  }

  @Test
  void session_pathTooLong_throws() {
    assertThatThrownBy(() -> Sessions.session("A", "i".repeat(RequestTarget.PATH_BYTES_MAX)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most " + RequestTarget.PATH_BYTES_MAX);
  }

  @Test
  void session_pathAtLimit_isWritten() {
    Session session = Sessions.session("A", "i".repeat(RequestTarget.PATH_BYTES_MAX - 2));
    Sessions.accept(session, 7);

    beats.write(session, buffer);

    assertThat(text()).contains("iii?status=UP&lastDirtyTimestamp=7 HTTP/1.1");
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import static io.systole.client.mirror.MirrorFixture.assertHolds;
import static io.systole.client.mirror.MirrorFixture.refresh;
import static io.systole.client.mirror.MirrorFixture.until;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Servers with invalid responses, or none: the mirror is unharmed and tries the next server. */
@Timeout(60)
class HostileResponsesTest {
  private static final int BODY_BYTES_MAX = 100_000;

  /** The kinds of invalid responses. */
  enum InvalidResponse {
    STATUS_500,
    STATUS_403,
    LONG_REFUSAL,
    UNEXPECTED_304,
    EMPTY,
    NO_JSON,
    XML,
    OTHER_ROOT,
    TRUNCATED_JSON,
    TRUNCATED_GZIP,
    GARBLED_GZIP,
    TRUNCATED_BODY,
    GIGANTIC,
    GIGANTIC_UNPACKED,
    OTHER_CODING,
    NO_HTTP,
    END,
    SILENCE,
    DRIPPING;

    boolean write(byte[] good, OutputStream out) throws IOException {
      byte[] packed = ModelRegistry.gzip(good);
      switch (this) {
        case STATUS_500 -> FakeApps.send(out, 500, "{}".getBytes(UTF_8));
        case STATUS_403 -> FakeApps.send(out, 403, new byte[0]);
        case LONG_REFUSAL -> FakeApps.send(out, 500, new byte[1 << 20]);
        case UNEXPECTED_304 -> FakeApps.send(out, 304, new byte[0]);
        case EMPTY -> FakeApps.send(out, 200, new byte[0]);
        case NO_JSON -> FakeApps.send(out, 200, "<html>".getBytes(UTF_8));
        case XML -> FakeApps.send(out, 200, "<applications/>".getBytes(UTF_8));
        case OTHER_ROOT -> FakeApps.send(out, 200, "{\"application\":{}}".getBytes(UTF_8));
        case TRUNCATED_JSON -> FakeApps.send(out, 200, half(good));
        case TRUNCATED_GZIP -> FakeApps.send(out, 200, half(packed), "Content-Encoding: gzip");
        case GARBLED_GZIP -> FakeApps.send(out, 200, good, "Content-Encoding: gzip");
        case TRUNCATED_BODY -> {
          out.write("HTTP/1.1 200 X\r\nContent-Length: 99999\r\n\r\n".getBytes(UTF_8));
          out.write(good);
          return false;
        }
        case GIGANTIC -> FakeApps.send(out, 200, new byte[BODY_BYTES_MAX + 1]);
        case GIGANTIC_UNPACKED -> {
          byte[] zeros = new byte[BODY_BYTES_MAX * 100];
          FakeApps.send(out, 200, ModelRegistry.gzip(zeros), "Content-Encoding: gzip");
        }
        case OTHER_CODING -> FakeApps.send(out, 200, good, "Content-Encoding: br");
        case NO_HTTP -> out.write("SSH-2.0-OpenSSH_9.6\r\n\r\n".getBytes(UTF_8));
        case END -> {
          return false;
        }
        case SILENCE -> {}
        case DRIPPING -> {
          out.write("HTTP/1.1 200 X\r\nContent-Length: 99999\r\n\r\n{".getBytes(UTF_8));
          out.flush();
        }
      }
      return true;
    }

    private static byte[] half(byte[] whole) {
      return Arrays.copyOf(whole, whole.length / 2);
    }
  }

  private final MirrorFixture fixture = new MirrorFixture();
  private final ModelRegistry registry = new ModelRegistry(false);

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  private byte[] good() {
    return ModelRegistry.document(registry.instances(), registry.hash());
  }

  @ParameterizedTest
  @EnumSource
  void full_invalid_isCountedAndNextServerUsed(InvalidResponse response) throws IOException {
    registry.register("A", "1", "2");
    FakeApps bad = fixture.server((request, out) -> response.write(good(), out));
    FakeApps good = fixture.server(registry);

    RegistryMirror mirror = fixture.ready(fixture
        .builder(bad, good)
        .bodyBytesMax(BODY_BYTES_MAX)
        .responseTimeout(Duration.ofMillis(isSlow(response) ? 1_000 : 20_000)));

    assertHolds(mirror.snapshot(), registry.instances());
    assertThat(mirror.state().failureCount()).isEqualTo(1);
    // Abandoned requests do not stay open.
    until(() -> !isSlow(response) || bad.connectionCount() == 0);
  }

  @ParameterizedTest
  @EnumSource
  void delta_invalid_keepsSnapshot(InvalidResponse response) throws IOException {
    registry.register("A", "1", "2");
    FakeApps server = fixture.server(registry);
    RegistryMirror mirror = fixture.ready(fixture
        .builder(server)
        .bodyBytesMax(BODY_BYTES_MAX)
        .responseTimeout(Duration.ofMillis(isSlow(response) ? 2_000 : 20_000)));
    RegistrySnapshot before = mirror.snapshot();
    server.script((request, out) -> response.write(good(), out));

    refresh(mirror);

    assertThat(mirror.snapshot()).isSameAs(before);
    assertThat(mirror.state().failureCount()).isEqualTo(1);
  }

  @Test
  void instance_withoutId_isOmitted() throws IOException {
    String document = "{\"applications\":{\"versions__delta\":\"1\",\"apps__hashcode\":\"UP_1_\","
        + "\"application\":[{\"name\":\"A\",\"instance\":[{\"app\":\"A\",\"status\":\"UP\"},"
        + "{\"app\":\"A\",\"instanceId\":\"1\",\"status\":\"UP\"}]}]}}";
    FakeApps server = fixture.server((request, out) -> {
      FakeApps.send(out, 200, document.getBytes(UTF_8));
      return true;
    });

    RegistryMirror mirror = fixture.ready(fixture.builder(server));

    assertThat(mirror.size()).isEqualTo(1);
  }

  private static boolean isSlow(InvalidResponse response) {
    return response == InvalidResponse.SILENCE || response == InvalidResponse.DRIPPING;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import static io.systole.client.mirror.MirrorFixture.assertHolds;
import static io.systole.client.mirror.MirrorFixture.refresh;
import static io.systole.client.mirror.MirrorFixture.until;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.time.Clock;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A mirror of servers with versions and change streams. */
@Timeout(60)
class StreamedMirrorTest {
  private final MirrorFixture fixture = new MirrorFixture();
  private final ModelRegistry registry = new ModelRegistry(true);

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  private RegistryMirror streaming(FakeApps server) {
    return streaming(server, Clock.SYSTEM);
  }

  private RegistryMirror streaming(FakeApps server, Clock clock) {
    RegistryMirror mirror = fixture.ready(fixture
        .builder(server)
        .retryDelay(Duration.ofMillis(1), Duration.ofMillis(1))
        .clock(clock));
    until(() -> mirror.state().isStreaming());
    return mirror;
  }

  @Test
  void stream_afterFull_needsNoOtherRequest() throws IOException {
    registry.register("A", "1", "2");
    FakeApps server = fixture.server(registry);
    RegistryMirror mirror = streaming(server);

    registry.register("A", "3");
    registry.status("A", "1", InstanceStatus.DOWN);
    registry.cancel("A", "2");

    until(() -> mirror.snapshot().version() == 5);
    assertHolds(mirror.snapshot(), registry.instances());
    assertThat(server.requests()).hasSize(2);
    assertThat(server.streams().get(0).header("last-event-id")).isEqualTo("2");
    assertThat(mirror.state().eventCount()).isEqualTo(3);
  }

  @Test
  void stream_disabled_isNotRequested() throws IOException {
    registry.register("A", "1");
    FakeApps server = fixture.server(registry);
    RegistryMirror mirror = fixture.ready(fixture.builder(server).stream(false));
    registry.register("A", "2");

    refresh(mirror);

    assertHolds(mirror.snapshot(), registry.instances());
    assertThat(server.streams()).isEmpty();
    assertThat(server.deltas().get(0).path()).isEqualTo("/apps/delta?since=1");
  }

  @Test
  void stream_ends_isReopenedWithoutLoss() throws IOException {
    registry.register("A", "1");
    FakeApps server = fixture.server(registry);
    RegistryMirror mirror = streaming(server);

    for (int round = 0; round < 5; round++) {
      registry.endStreams();
      registry.register("A", "new-" + round);
      int version = 2 + round;
      until(() -> mirror.snapshot().version() == version && mirror.state().isStreaming());
    }

    assertHolds(mirror.snapshot(), registry.instances());
    assertThat(server.fulls()).hasSize(1);
    assertThat(mirror.state().streamLossCount()).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "id: 2\nevent: instance\ndata: {\"instance\":{\"app\n\n",
        "id: 2\nevent: instance\ndata: \n\n",
        "id: two\nevent: instance\ndata: {}\n\n",
        "event: instance\ndata: {}\n\n",
        "event: reset\ndata: {\"instances\":0}\n\n"
      })
  void stream_garbage_isClosed(String garbage) throws IOException {
    registry.register("A", "1");
    FakeApps server = fixture.server(registry);
    RegistryMirror mirror = streaming(server);

    registry.sendToStreams(garbage);
    until(() -> mirror.state().streamLossCount() == 1 && mirror.state().isStreaming());
    registry.register("A", "2");

    until(() -> mirror.snapshot().version() == 2);
    assertHolds(mirror.snapshot(), registry.instances());
    assertThat(server.fulls()).hasSize(1);
  }

  @Test
  void stream_endlessLine_isClosed() throws IOException {
    registry.register("A", "1");
    FakeApps server = fixture.server(registry);
    RegistryMirror mirror = fixture.ready(fixture.builder(server).bodyBytesMax(10_000));
    until(() -> mirror.state().isStreaming());

    registry.sendToStreams("data: " + "x".repeat(10_001));

    until(() -> mirror.state().streamLossCount() == 1);
    assertThat(mirror.size()).isEqualTo(1);
  }

  @Test
  void stream_silent_isClosed() throws IOException {
    registry.register("A", "1");
    FakeApps server = fixture.server(registry);

    RegistryMirror mirror = fixture.ready(
        fixture.builder(server).streamSilenceTimeout(Duration.ofMillis(20)).stream(true));

    until(() -> mirror.state().streamLossCount() == 1);
    assertThat(mirror.state().isStreaming()).isFalse();
    assertThat(server.streams()).hasSize(1);
  }

  @Test
  void stream_keepAlive_keepsSnapshotFresh() throws IOException {
    registry.register("A", "1");
    RegistryMirror mirror = streaming(fixture.server(registry), fixture.clock);
    fixture.clock.passMs(50_000);

    registry.sendToStreams(":\n\n");

    until(() -> mirror.ageMs() == 0);
  }

  @Test
  void server_versionExpired_fetchesFull() throws IOException {
    registry.register("A", "1", "2", "3", "4", "5", "6", "7");
    FakeApps server = fixture.server(registry);
    RegistryMirror mirror = streaming(server);
    registry.endStreams();
    registry.cancel("A", "1");
    registry.discardChanges();

    until(() -> mirror.snapshot().version() == 8 && mirror.state().isStreaming());

    assertHolds(mirror.snapshot(), registry.instances());
  }

  @Test
  void server_withoutStream_usesDeltas() throws IOException {
    registry.register("A", "1");
    FakeApps server = fixture.server((request, out) -> {
      if (request.isStream()) {
        FakeApps.send(out, 200, "x".repeat(1 << 20).getBytes(UTF_8));
        return true;
      }
      return registry.response(request, out);
    });
    RegistryMirror mirror = fixture.ready(fixture.builder(server));
    until(() -> mirror.state().streamLossCount() == 1);
    registry.register("A", "2");

    refresh(mirror);

    assertHolds(mirror.snapshot(), registry.instances());
    assertThat(mirror.state().isStreaming()).isFalse();
  }

  @Test
  void check_whileStreaming_findsMissedChanges() throws IOException {
    registry.register("A", "1", "2", "3", "4", "5", "6", "7");
    FakeApps server = fixture.server(registry);
    RegistryMirror mirror = streaming(server);
    registry.wrongHash("UP_9_");

    refresh(mirror);

    assertThat(mirror.state().mismatchCount()).isEqualTo(1);
    assertThat(server.fulls()).hasSize(2);
    until(() -> mirror.state().isStreaming());
  }

  @Test
  void check_olderThanStream_isIgnored() throws IOException {
    registry.register("A", "1");
    FakeApps server = fixture.server(registry);
    RegistryMirror mirror = streaming(server);
    byte[] old = ModelRegistry.document(registry.instances(), registry.hash());
    server.script((request, out) -> {
      registry.cancel("A", "1");
      until(() -> mirror.snapshot().version() == 2);
      FakeApps.send(out, 200, old, "Systole-Version: 1");
      return true;
    });

    refresh(mirror);

    assertThat(mirror.size()).isZero();
    assertThat(mirror.snapshot().version()).isEqualTo(2);
  }
}

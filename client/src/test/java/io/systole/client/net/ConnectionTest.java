// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.systole.client.OverflowingClock;
import io.systole.client.api.FailureReason;
import io.systole.client.heartbeat.FrameBuffer;
import io.systole.client.heartbeat.HeartbeatEncoder;
import io.systole.client.heartbeat.HeartbeatFrame;
import io.systole.client.heartbeat.RequestType;
import io.systole.client.heartbeat.Session;
import io.systole.client.heartbeat.Sessions;
import io.systole.protocol.http.HttpLimits;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionTest {
  private static final String RENEWED = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  private static final String UNKNOWN = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
  private static final String HEADERS = "\r\nHost: h\r\nContent-Length: 0\r\n\r\n";
  private static final int IN_FLIGHT_MAX = 4;
  private static final ConnectionSettings SETTINGS = new ConnectionSettings(
      IN_FLIGHT_MAX, 1000, 1000, 10, 100, 0, HttpLimits.DEFAULT, 1024, false);

  private static final HealthSettings HEALTH = new HealthSettings(3, 3, 10, 100, 0, 0);
  private static final Network NETWORK = new Network(
      Transport.NIO,
      null,
      new NameResolver(HostLookup.SYSTEM),
      new LocalAddresses(List.of()),
      true);

  private final OverflowingClock clock = new OverflowingClock();
  private final RecordingListener reported = new RecordingListener();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final HeartbeatEncoder frame = new HeartbeatEncoder("/v2", "Host: h\r\n");
  private final ConnectionContext context =
      ConnectionContext.of(channel.eventLoop(), NETWORK, SETTINGS, clock, new SplittableRandom(42));
  private final ConnectionSlot slot = slot();
  private final Connection connection = new Connection(slot, context, reported);

  /** Records all callbacks. */
  private static final class RecordingListener implements Connection.Listener {
    final List<String> events = new ArrayList<>();

    @Override
    public void connected(ServerAddress server) {
      events.add("connected " + server);
    }

    @Override
    public void failedOver(ServerAddress from, ServerAddress to, String cause) {
      events.add("failed over " + from + " " + to);
    }

    @Override
    public void resumed() {
      events.add("resumed");
    }

    @Override
    public void changesDeferred(long untilNs) {
      events.add("changes held");
    }

    @Override
    public void notOpened() {}

    @Override
    public void opened(Connection connection) {
      events.add("opened");
    }

    @Override
    public void answered(
        Connection connection,
        Session session,
        RequestType type,
        int status,
        long dueNs,
        long sentNs,
        long answeredNs) {
      events.add(type + " " + dueNs + " " + status + connection.text());
    }

    @Override
    public void answered(
        Connection connection,
        HeartbeatFrame frame,
        int status,
        byte[] body,
        long sentNs,
        long answeredNs) {
      events.add("FRAME " + frame.count() + " " + status + " " + body.length);
    }

    @Override
    public void failed(HeartbeatFrame frame, FailureReason reason) {
      events.add("FRAME " + frame.count() + " " + reason);
    }

    @Override
    public void unprocessed(HeartbeatFrame frame) {
      events.add("FRAME " + frame.count() + " unprocessed");
    }

    @Override
    public void failed(Session session, RequestType type, FailureReason reason, long dueNs) {
      events.add(type + " " + dueNs + " " + reason);
    }

    @Override
    public void unprocessed(Session session, RequestType type, long dueNs) {
      events.add(type + " " + dueNs + " unprocessed");
    }

    @Override
    public void cycleEnded(Connection connection, int bytesReceived) {
      events.add("read " + bytesReceived);
    }

    @Override
    public void closed() {
      events.add("closed");
    }
  }

  private ConnectionSlot slot() {
    ServerAddress server = ServerAddress.of(URI.create("http://127.0.0.1:9/v2"));
    Zone zone = new Zone("z", List.of(server));
    FailoverConnector connector = new FailoverConnector(
        channel.eventLoop(), NETWORK, List.of(zone), SETTINGS, HEALTH, 1, clock, reported, 42);
    ServerHealth health = new ServerHealth(server, zone, 0, HEALTH, new SplittableRandom(42));
    return new ConnectionSlot(
        context, reported, health, connector, ConnectionSlot.SlotState.SERVING);
  }

  private void open() {
    channel.pipeline().addLast(connection);
    channel.pipeline().fireChannelActive();
    reported.events.clear();
  }

  /** Sends heartbeats due at 1, 2, 3 ... */
  private void beat(int count) {
    FrameBuffer frames = new FrameBuffer();
    Session session = Sessions.session("A", "i");
    Sessions.accept(session, 7);
    for (int dueNs = 1; dueNs <= count; dueNs++) {
      connection.requested(session, RequestType.BEAT, dueNs, clock.monotonicNs());
      frame.write(session, frames);
    }
    connection.write(frames);
  }

  private void receive(String bytes) {
    channel.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.US_ASCII));
  }

  @AfterEach
  void releaseBuffers() {
    channel.finishAndReleaseAll();
  }

  @Test
  void channelActive_newConnection_hasSpace() {
    int before = connection.space();

    open();

    assertThat(before).isZero();
    assertThat(connection.space()).isEqualTo(IN_FLIGHT_MAX);
  }

  @Test
  void write_severalFrames_leaveInOneBuffer() {
    open();

    beat(3);

    ByteBuf out = channel.readOutbound();
    String one = "PUT /v2/apps/A/i?status=UP&lastDirtyTimestamp=7 HTTP/1.1" + HEADERS;
    assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo(one.repeat(3));
    assertThat(channel.outboundMessages()).isEmpty();
    assertThat(connection.space()).isEqualTo(1);
    out.release();
  }

  @Test
  void channelRead_severalResponsesInOneRead_areMatchedInOrder() {
    open();
    beat(3);

    receive(RENEWED + UNKNOWN + RENEWED);

    assertThat(reported.events)
        .containsExactly("BEAT 1 200", "BEAT 2 404", "BEAT 3 200", "read " + (38 + 45 + 38));
    assertThat(connection.space()).isEqualTo(IN_FLIGHT_MAX);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 37, 39})
  void channelRead_responsesInSegments_areMatchedInOrder(int segmentBytes) {
    open();
    beat(4);
    String responses =
        RENEWED + UNKNOWN + "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy" + RENEWED;

    for (int from = 0; from < responses.length(); from += segmentBytes) {
      receive(responses.substring(from, Math.min(from + segmentBytes, responses.length())));
    }

    assertThat(reported.events.stream().filter(event -> !event.startsWith("read")))
        .containsExactly("BEAT 1 200", "BEAT 2 404", "BEAT 3 503busy", "BEAT 4 200");
  }

  @Test
  void channelInactive_midResponse_failsAllInFlightAsLost() {
    open();
    beat(3);
    receive(RENEWED + "HTTP/1.1 200 OK\r\nConte");
    reported.events.clear();

    channel.close();

    assertThat(reported.events)
        .containsExactly("BEAT 2 CONNECTION_LOST", "BEAT 3 CONNECTION_LOST", "closed");
    assertThat(connection.space()).isZero();
  }

  /** A connection closed while connecting was established later and leaked. */
  @Test
  void close_whileConnecting_closesChannel() {
    channel.pipeline().addLast(connection);

    connection.close("client closed");

    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void channelRead_wrongBytes_failsAllInFlightAsMalformedAndCloses() {
    open();
    beat(2);

    receive(RENEWED + "SSH-2.0-OpenSSH_9.6\r\n");

    assertThat(reported.events).startsWith("BEAT 1 200", "BEAT 2 MALFORMED_RESPONSE", "closed");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void channelRead_moreResponsesThanRequests_closes() {
    open();
    beat(1);

    receive(RENEWED + RENEWED + RENEWED);

    assertThat(reported.events).startsWith("BEAT 1 200", "closed");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void channelRead_connectionClose_leavesLaterRequestsUnprocessed() {
    open();
    beat(3);

    receive("HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" + RENEWED);

    assertThat(reported.events)
        .startsWith("BEAT 1 503", "BEAT 2 unprocessed", "BEAT 3 unprocessed", "closed");
    assertThat(slot.depth()).isEqualTo(1);
  }

  @Test
  void channelInactive_betweenResponses_leavesLaterRequestsUnprocessed() {
    open();
    beat(3);
    receive(RENEWED);
    reported.events.clear();

    channel.close();

    assertThat(reported.events)
        .containsExactly("BEAT 2 unprocessed", "BEAT 3 unprocessed", "closed");
    assertThat(slot.depth()).isEqualTo(1);
  }

  @Test
  void channelInactive_beforeAnyResponse_failsAllInFlightAsLost() {
    open();
    beat(2);

    channel.close();

    assertThat(reported.events)
        .containsExactly("BEAT 1 CONNECTION_LOST", "BEAT 2 CONNECTION_LOST", "closed");
  }

  @Test
  void expire_stalledLoop_doesNotCountTheStall() {
    open();
    beat(1);
    clock.passMs(6_000);
    context.stalls().record(clock.monotonicNs(), 5_500_000_000L);

    connection.expire(clock.monotonicNs());
    boolean isKept = channel.isOpen();
    clock.passMs(500);
    connection.expire(clock.monotonicNs());

    assertThat(isKept).isTrue();
    assertThat(reported.events).containsExactly("BEAT 1 TIMED_OUT", "closed");
  }

  @Test
  void expire_oldestInTime_keepsTheConnection() {
    open();
    beat(1);
    clock.passMs(999);

    connection.expire(clock.monotonicNs());

    assertThat(reported.events).isEmpty();
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void expire_oldestOverdue_timesOutAndFailsOthersAsLost() {
    open();
    beat(1);
    clock.passMs(500);
    beat(2);
    clock.passMs(500);

    connection.expire(clock.monotonicNs());

    assertThat(reported.events)
        .containsExactly(
            "BEAT 1 TIMED_OUT", "BEAT 1 CONNECTION_LOST", "BEAT 2 CONNECTION_LOST", "closed");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void expire_nothingInFlight_keepsTheConnection() {
    open();
    clock.passMs(100_000);

    connection.expire(clock.monotonicNs());

    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void close_whileConnecting_isNotOpenedAfterwards() {
    connection.close("cannot connect");

    channel.pipeline().addLast(connection);
    channel.pipeline().fireChannelActive();

    assertThat(reported.events).containsExactly("closed");
    assertThat(channel.isOpen()).isFalse();
  }
}

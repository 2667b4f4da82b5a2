// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import static io.systole.server.cluster.group.GroupFixture.awaitMembers;
import static io.systole.server.cluster.group.GroupFixture.awaitTrue;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.systole.server.cluster.group.MemberHandshake.Streams;
import io.systole.server.cluster.group.MemberSocket.Context;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jgroups.Version;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.slf4j.LoggerFactory;

/** Strangers at the port for members. */
@ResourceLock(GroupFixture.LOG)
class MemberServerSocketTest {
  private static final int STRANGERS = 5 * MemberServerSocket.HANDSHAKES_MAX;

  /** JGroups would wait a second for each, longer together than a member searches for others. */
  private static final int SILENT = 30;

  /** JGroups' cookie, version, length of the address, and address with port. */
  private static final byte[] FIRST_MESSAGE = ByteBuffer.allocate(15)
      .put(new byte[] {'b', 'e', 'l', 'a'})
      .putShort(Version.version)
      .putShort((short) 7)
      .put(new byte[] {4, 127, 0, 0, 1})
      .putShort((short) 7_800)
      .array();

  /** The index of the number of bytes of the IP address in {@link #FIRST_MESSAGE}. */
  private static final int ADDRESS_AT = 8;

  private final GroupRecorder first = new GroupRecorder();
  private final GroupRecorder second = new GroupRecorder();
  private final List<Socket> strangers = new ArrayList<>();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Set<MemberSocket> open = ConcurrentHashMap.newKeySet();
  private GroupFixture fixture;
  private MemberHandshake handshake;
  private Context context;

  @BeforeEach
  void join() throws IOException {
    fixture = new GroupFixture(2);
    handshake = new MemberHandshake(fixture.settings(1));
    context = new Context(handshake, open, Runnable::run, (address, refused) -> {});
    log.start();
    for (String name : List.of("io.systole.server.cluster.group", "org.jgroups")) {
      ((Logger) LoggerFactory.getLogger(name)).addAppender(log);
    }
    fixture.open(fixture.settings(0)).join(first);
    log.list.clear();
  }

  @AfterEach
  void close() throws IOException {
    for (String name : List.of("io.systole.server.cluster.group", "org.jgroups")) {
      ((Logger) LoggerFactory.getLogger(name)).detachAppender(log);
    }
    for (Socket stranger : strangers) {
      stranger.close();
    }
    fixture.close();
  }

  private Socket connect() throws IOException {
    return connect(fixture.bind(0).getPort());
  }

  private Socket connect(MemberServerSocket server) throws IOException {
    return connect(server.getLocalPort());
  }

  private Socket connect(int port) throws IOException {
    Socket stranger = new Socket(fixture.bind(0).getAddress(), port);
    stranger.setSoTimeout(30_000);
    strangers.add(stranger);
    return stranger;
  }

  private void assertMemberJoins() throws IOException {
    fixture.open(fixture.settings(1)).join(second);

    awaitMembers(first, 2);
  }

  @Test
  void accept_silentConnections_membersGetIn() throws IOException {
    for (int i = 0; i < STRANGERS; i++) {
      connect();
    }

    assertMemberJoins();

    long handshakes = Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("systole-cluster-handshake"))
        .count();
    assertThat(handshakes).isLessThanOrEqualTo(2 * MemberServerSocket.HANDSHAKES_MAX);
    assertThat(log.list)
        .filteredOn(event -> event.getFormattedMessage().startsWith("too many connections"))
        .hasSize(1);
  }

  @Test
  void accept_connectionsSilentAfterTheHandshake_memberJoins() throws IOException {
    for (int i = 0; i < SILENT; i++) {
      handshake.connect(connect());
    }

    assertMemberJoins();

    assertThat(second.views()).hasSize(1);
  }

  @Test
  void accept_silentConnection_isClosedInTime() throws IOException {
    Socket stranger = connect();

    int end = stranger.getInputStream().read();

    assertThat(end).isEqualTo(-1);
  }

  @Test
  void accept_randomBytes_areLoggedOnce() throws IOException {
    SplittableRandom random = new SplittableRandom(17);
    for (int i = 0; i < 200; i++) {
      byte[] garbage = new byte[1 + random.nextInt(200)];
      random.nextBytes(garbage);
      Socket stranger = connect();
      stranger.getOutputStream().write(garbage);
      stranger.shutdownOutput();
    }

    assertMemberJoins();

    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .filteredOn(line -> !line.startsWith("view of the cluster"))
        .hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void accept_jgroupsFrameOfHugeLength_neverReachesJGroups() throws IOException {
    Socket stranger = connect();
    stranger.getOutputStream().write(new byte[] {'b', 'e', 'l', 'a', 0x7f, -1, -1, -1, 0, 0, 0, 1});

    int status = stranger.getInputStream().read();

    assertThat(status).isEqualTo(21);
    awaitTrue(() -> log.list.stream()
        .anyMatch(event -> event.getFormattedMessage().contains("uses another protocol")));
    assertMemberJoins();
  }

  @Test
  void accept_connectionsSilentAfterTheHandshake_returnsTheMember() throws Exception {
    try (MemberServerSocket server = server()) {
      CompletableFuture<Socket> accepting = CompletableFuture.supplyAsync(() -> accept(server));
      for (int i = 0; i < SILENT; i++) {
        handshake.connect(connect(server));
      }
      Socket member = connect(server);
      handshake.connect(member).out().write(FIRST_MESSAGE);

      try (Socket accepted = accepting.get(30, TimeUnit.SECONDS)) {
        assertThat(accepted.getPort()).isEqualTo(member.getLocalPort());
        assertThat(accepted.getInputStream().readNBytes(FIRST_MESSAGE.length))
            .isEqualTo(FIRST_MESSAGE);
      }
    }
  }

  @Test
  void accept_malformedAddressAfterTheHandshake_closesTheConnection() throws Exception {
    try (MemberServerSocket server = server()) {
      CompletableFuture<Socket> accepting = CompletableFuture.supplyAsync(() -> accept(server));
      Socket stranger = connect(server);
      byte[] malformed = FIRST_MESSAGE.clone();
      malformed[ADDRESS_AT] = 127;

      Streams streams = handshake.connect(stranger);
      streams.out().write(malformed);

      assertThat(streams.in().read()).isEqualTo(-1);
      assertThat(accepting).isNotDone();
    }
  }

  @Test
  void shutdownInput_acceptedConnection_endsItsInput() throws Exception {
    try (MemberServerSocket server = server()) {
      CompletableFuture<Socket> accepting = CompletableFuture.supplyAsync(() -> accept(server));
      handshake.connect(connect(server)).out().write(FIRST_MESSAGE);
      try (Socket accepted = accepting.get(30, TimeUnit.SECONDS)) {
        assertThat(accepted.getInputStream().readNBytes(FIRST_MESSAGE.length)).isNotEmpty();

        accepted.shutdownInput();

        assertThat(accepted.getInputStream().read()).isEqualTo(-1);
      }
    }
  }

  @Test
  void accept_tooManyConnections_closesNewOnes() throws Exception {
    try (MemberServerSocket server = server()) {
      for (int i = 0;
          i < MemberServerSocket.CONNECTIONS_MAX + MemberServerSocket.HANDSHAKES_MAX;
          i++) {
        open.add(new MemberSocket(new Socket(), context));
      }
      CompletableFuture<Socket> accepting = CompletableFuture.supplyAsync(() -> accept(server));
      Socket stranger = connect(server);

      assertThat(stranger.getInputStream().read()).isEqualTo(-1);

      open.clear();
      Socket member = connect(server);
      handshake.connect(member).out().write(FIRST_MESSAGE);
      try (Socket accepted = accepting.get(30, TimeUnit.SECONDS)) {
        assertThat(accepted.getPort()).isEqualTo(member.getLocalPort());
      }
    }
  }

  /** Returns a bound socket like that of the second member. */
  private MemberServerSocket server() throws IOException {
    MemberServerSocket server =
        new MemberServerSocket(context, new LogLimit(System::nanoTime), true);
    server.setReuseAddress(true);
    server.bind(fixture.bind(1));
    return server;
  }

  private static Socket accept(MemberServerSocket server) {
    try {
      return server.accept();
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    }
  }
}

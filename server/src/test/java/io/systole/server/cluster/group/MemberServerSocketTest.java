// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import static io.systole.server.cluster.group.GroupFixture.awaitMembers;
import static io.systole.server.cluster.group.GroupFixture.awaitTrue;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.systole.server.cluster.group.MemberSocket.Context;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.slf4j.LoggerFactory;

/** Strangers at the port for members. */
@ResourceLock(GroupFixture.LOG)
class MemberServerSocketTest {
  private static final int STRANGERS = 5 * MemberServerSocket.HANDSHAKES_MAX;

  private final GroupRecorder first = new GroupRecorder();
  private final GroupRecorder second = new GroupRecorder();
  private final List<Socket> strangers = new ArrayList<>();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private GroupFixture fixture;

  @BeforeEach
  void join() throws IOException {
    fixture = new GroupFixture(2);
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
    Socket stranger = new Socket(fixture.bind(0).getAddress(), fixture.bind(0).getPort());
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
  void accept_silentConnection_isClosedInTime() throws IOException {
    Socket stranger = connect();
    stranger.setSoTimeout(30_000);

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
    stranger.setSoTimeout(30_000);

    int status = stranger.getInputStream().read();

    assertThat(status).isEqualTo(21);
    awaitTrue(() -> log.list.stream()
        .anyMatch(event -> event.getFormattedMessage().contains("uses another protocol")));
    assertMemberJoins();
  }

  @Test
  void accept_tooManyConnections_closesNewOnes() throws Exception {
    Set<MemberSocket> open = ConcurrentHashMap.newKeySet();
    MemberHandshake handshake = new MemberHandshake(fixture.settings(1));
    Context context = new Context(handshake, open, Runnable::run, (address, refused) -> {});
    try (MemberServerSocket server =
        new MemberServerSocket(context, new LogLimit(System::nanoTime))) {
      server.setReuseAddress(true);
      server.bind(fixture.bind(1));
      for (int i = 0;
          i < MemberServerSocket.CONNECTIONS_MAX + MemberServerSocket.HANDSHAKES_MAX;
          i++) {
        open.add(new MemberSocket(new Socket(), context));
      }
      CompletableFuture<Socket> accepting = CompletableFuture.supplyAsync(() -> accept(server));
      try (Socket stranger = new Socket(fixture.bind(1).getAddress(), server.getLocalPort())) {
        stranger.setSoTimeout(30_000);

        assertThat(stranger.getInputStream().read()).isEqualTo(-1);
      }
      open.clear();
      try (Socket member = new Socket(fixture.bind(1).getAddress(), server.getLocalPort())) {
        handshake.connect(member);

        try (Socket accepted = accepting.get(30, TimeUnit.SECONDS)) {
          assertThat(accepted.getPort()).isEqualTo(member.getLocalPort());
        }
      }
    }
  }

  private static Socket accept(MemberServerSocket server) {
    try {
      return server.accept();
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.time.Clock;
import io.systole.server.cluster.group.Group;
import io.systole.server.cluster.group.GroupListener;
import io.systole.server.cluster.group.GroupView;
import io.systole.server.cluster.group.MemberId;
import io.systole.server.cluster.message.Message.Hello;
import io.systole.server.cluster.message.Message.Pull;
import io.systole.server.cluster.message.MessageDecoder;
import io.systole.server.cluster.message.MessageEncoder;
import io.systole.server.cluster.message.MessageKind;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReplicaThreadTest {
  /** A group of two whose first message fails, and whose other member reads nothing. */
  private static final class FailingGroup implements Group {
    private final LinkedBlockingQueue<byte[]> sent = new LinkedBlockingQueue<>();
    private final CountDownLatch hasRead = new CountDownLatch(1);
    private boolean hasFailed;

    @Override
    public MemberId self() {
      return new MemberId(1, "self");
    }

    @Override
    public void join(GroupListener listener) {
      listener.onView(new GroupView(1, List.of(self(), new MemberId(2, "b")), false));
    }

    @Override
    public boolean multicast(byte[] message) {
      if (!hasFailed) {
        hasFailed = true;
        throw new IllegalStateException("as the test requires");
      }
      return sent.add(message);
    }

    @Override
    public void multicastUnreliably(byte[] message) {
      sent.add(message);
    }

    @Override
    public boolean send(MemberId receiver, byte[] message) {
      sent.add(message);
      try {
        hasRead.await();
        return true;
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        return false;
      }
    }

    @Override
    public void close() {}
  }

  private final FailingGroup group = new FailingGroup();
  private final Registry registry =
      new Registry(new RegistrySettings(100, true, 1_000, 100, LeaseRules.STOCK), Clock.SYSTEM);
  private final Replica replica = new Replica(
      new ReplicaSettings(3_600_000, 3_600_000, 180_000, 100, 2),
      group,
      registry,
      Clock.SYSTEM,
      "9",
      () -> "");

  @Test
  void run_tickFails_continuesAndSendsChanges() throws Exception {
    replica.join();

    try (ReplicaThread thread = new ReplicaThread(replica)) {
      thread.start();
      registry.register(TestMember.instance("i1"), Origin.CLIENT);

      assertThat(group.sent.poll(30, TimeUnit.SECONDS)).isNotNull();
      registry.register(TestMember.instance("i2"), Origin.CLIENT);
      assertThat(group.sent.poll(30, TimeUnit.SECONDS)).isNotNull();
    }
  }

  @Test
  void run_aMemberDoesNotReadItsResponse_sendsChanges() throws Exception {
    group.hasFailed = true;
    replica.join();
    byte[] pull = MessageEncoder.encode(new Pull(1, 0, new long[0], new long[0]), 2);

    try (ReplicaThread thread = new ReplicaThread(replica)) {
      thread.start();
      replica.onMessage(new MemberId(2, "b"), pull, 0, pull.length);
      assertThat(await(MessageKind.PUSH)).isTrue();

      registry.register(TestMember.instance("i1"), Origin.CLIENT);
      assertThat(await(MessageKind.RECORDS)).isTrue();
    } finally {
      group.hasRead.countDown();
    }
  }

  @Test
  void run_afterJoin_announcesTheBuild() throws Exception {
    group.hasFailed = true;
    replica.join();

    try (ReplicaThread thread = new ReplicaThread(replica)) {
      thread.start();
      byte[] message = group.sent.poll(30, TimeUnit.SECONDS);

      assertThat(message).isNotNull();
      assertThat(new MessageDecoder(2).decode(message, 0, message.length))
          .isInstanceOfSatisfying(
              Hello.class, hello -> assertThat(hello.build()).isEqualTo("9"));
    }
  }

  private boolean await(MessageKind kind) throws InterruptedException {
    byte[] message;
    do {
      message = group.sent.poll(30, TimeUnit.SECONDS);
    } while (message != null && message[0] != kind.code());
    return message != null;
  }
}

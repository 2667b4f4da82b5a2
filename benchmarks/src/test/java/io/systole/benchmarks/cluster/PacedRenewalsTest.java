// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.benchmarks.readcost.DataSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class PacedRenewalsTest {
  private static final int INSTANCES = 10;
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final HeartbeatBytes HEARTBEATS =
      new HeartbeatBytes(new DataSet(INSTANCES, 1), "/v2");

  /** A member that answers every heartbeat with a status and records its instance. */
  private static final class RecordingMember implements AutoCloseable {
    private static final Pattern HEARTBEAT =
        Pattern.compile("PUT \\S+/(host-\\S+?):.*?\r\n\r\n", Pattern.DOTALL);

    private final ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final Queue<String> instances = new ConcurrentLinkedQueue<>();
    private final byte[] response;

    RecordingMember(int status) throws IOException {
      response = ("HTTP/1.1 " + status + " X\r\nContent-Length: 0\r\n\r\n").getBytes(US_ASCII);
      start(() -> {
        while (true) {
          Socket accepted = listener.accept();
          start(() -> serve(accepted));
        }
      });
    }

    private interface Task {
      void run() throws IOException;
    }

    private static void start(Task task) {
      Thread thread = new Thread(() -> {
        try {
          task.run();
        } catch (IOException closed) {
          // The end of the test.
        }
      });
      thread.setDaemon(true);
      thread.start();
    }

    private void serve(Socket socket) throws IOException {
      InputStream in = socket.getInputStream();
      StringBuilder received = new StringBuilder();
      byte[] bytes = new byte[4096];
      for (int size = in.read(bytes); size > 0; size = in.read(bytes)) {
        received.append(new String(bytes, 0, size, US_ASCII));
        Matcher heartbeat = HEARTBEAT.matcher(received);
        int end = 0;
        while (heartbeat.find()) {
          instances.add(heartbeat.group(1));
          socket.getOutputStream().write(response);
          end = heartbeat.end();
        }
        received.delete(0, end);
      }
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }

  @Test
  void append_instance_isItsWholeHeartbeat() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    HEARTBEATS.append(3, out);

    assertThat(out.toByteArray()).isEqualTo(new DataSet(INSTANCES, 1).heartbeat("/v2", 3, 0));
  }

  @Test
  void renewals_atTwoMembers_reachEachInstanceAtBoth() throws IOException {
    try (RecordingMember first = new RecordingMember(200);
        RecordingMember second = new RecordingMember(200);
        PacedRenewals renewals = new PacedRenewals(
            HEARTBEATS,
            1_000,
            List.of(first.listener.getLocalPort(), second.listener.getLocalPort()),
            1)) {
      await()
          .atMost(LIMIT)
          .until(() -> first.instances.stream().distinct().count() == INSTANCES
              && second.instances.stream().distinct().count() == INSTANCES);

      PacedRenewals.Interval interval = renewals.nextInterval();
      assertThat(interval.renewed()).isPositive();
      assertThat(interval.notRenewed()).isZero();
      assertThat(interval.renewed() / interval.secs()).isLessThan(1_100);
    }
  }

  @Test
  void renewals_otherStatus_areCountedAsNotRenewed() throws IOException {
    try (RecordingMember member = new RecordingMember(404);
        PacedRenewals renewals =
            new PacedRenewals(HEARTBEATS, 1_000, List.of(member.listener.getLocalPort()), 1)) {
      await().atMost(LIMIT).until(() -> renewals.nextInterval().notRenewed() > 10);

      assertThat(renewals.nextInterval().renewed()).isZero();
    }
  }
}

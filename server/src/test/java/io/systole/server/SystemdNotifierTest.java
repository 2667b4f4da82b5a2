// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemdNotifierTest {
  private static SystemdNotifier notifierOf(String socket) {
    return new SystemdNotifier(Map.of("NOTIFY_SOCKET", socket));
  }

  @Test
  void notifications_socketNamed_arriveInOrder(@TempDir Path folder) throws Exception {
    String path = folder.resolve("notify").toString();
    try (NotificationSocket socket = new NotificationSocket(path);
        SystemdNotifier notifier = notifierOf(path)) {
      notifier.ready("serving");
      notifier.stopping();

      assertThat(socket.next()).isEqualTo("READY=1\nSTATUS=serving");
      assertThat(socket.next()).startsWith("STOPPING=1\n");
    }
  }

  @Test
  void notifications_abstractSocket_arrive() throws Exception {
    String name = "systole-test-" + UUID.randomUUID();
    try (NotificationSocket socket = new NotificationSocket('\0' + name);
        SystemdNotifier notifier = notifierOf("@" + name)) {
      notifier.ready("serving");

      assertThat(socket.next()).isEqualTo("READY=1\nSTATUS=serving");
    }
  }

  @Test
  void watch_nodeIsAlive_isReportedRepeatedly(@TempDir Path folder) throws Exception {
    String path = folder.resolve("notify").toString();
    try (NotificationSocket socket = new NotificationSocket(path);
        SystemdNotifier notifier =
            watchedNotifier(path, Long.toString(ProcessHandle.current().pid()))) {
      notifier.watch(() -> CompletableFuture.completedFuture(null));

      assertThat(socket.next()).isEqualTo("WATCHDOG=1");
      assertThat(socket.next()).isEqualTo("WATCHDOG=1");
    }
  }

  @Test
  void watch_nodeDoesNotRespond_isNotReportedUntilItDoes(@TempDir Path folder) throws Exception {
    String path = folder.resolve("notify").toString();
    CompletableFuture<Void> isAlive = new CompletableFuture<>();
    CountDownLatch probes = new CountDownLatch(3);
    try (NotificationSocket socket = new NotificationSocket(path);
        SystemdNotifier notifier =
            watchedNotifier(path, Long.toString(ProcessHandle.current().pid()))) {
      notifier.watch(() -> {
        probes.countDown();
        return isAlive;
      });

      assertThat(probes.await(30, TimeUnit.SECONDS)).isTrue();
      notifier.ready("serving");
      isAlive.complete(null);

      assertThat(socket.next()).startsWith("READY=1\n");
      assertThat(socket.next()).isEqualTo("WATCHDOG=1");
    }
  }

  @Test
  void watch_watchdogOfAnotherProcess_reportsNothing(@TempDir Path folder) throws Exception {
    String path = folder.resolve("notify").toString();
    try (NotificationSocket socket = new NotificationSocket(path);
        SystemdNotifier notifier = watchedNotifier(path, "1")) {
      notifier.watch(() -> {
        throw new IllegalStateException("probed");
      });
      notifier.ready("serving");

      assertThat(socket.next()).startsWith("READY=1\n");
    }
  }

  private static SystemdNotifier watchedNotifier(String socket, String pid) {
    return new SystemdNotifier(
        Map.of("NOTIFY_SOCKET", socket, "WATCHDOG_USEC", "300000", "WATCHDOG_PID", pid));
  }

  @Test
  void notifications_noSocketNamed_doNothing() {
    try (SystemdNotifier notifier = new SystemdNotifier(Map.of())) {
      assertThatCode(() -> notifier.ready("serving")).doesNotThrowAnyException();
    }
  }

  @Test
  void notifications_nobodyListens_doNotFailTheNode(@TempDir Path folder) {
    try (SystemdNotifier notifier = notifierOf(folder.resolve("none").toString())) {
      assertThatCode(notifier::stopping).doesNotThrowAnyException();
    }
  }
}

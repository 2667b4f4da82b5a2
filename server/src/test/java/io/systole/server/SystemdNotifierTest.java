// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemdNotifierTest {
  private static SystemdNotifier notifierOf(String socket) {
    return new SystemdNotifier(Map.of("NOTIFY_SOCKET", socket));
  }

  @Test
  void notifications_socketNamed_arriveInOrder(@TempDir Path folder) throws Exception {
    String path = folder.resolve("notify").toString();
    try (NotificationSocket socket = new NotificationSocket(path)) {
      notifierOf(path).ready("serving");
      notifierOf(path).stopping();

      assertThat(socket.next()).isEqualTo("READY=1\nSTATUS=serving");
      assertThat(socket.next()).startsWith("STOPPING=1\n");
    }
  }

  @Test
  void notifications_abstractSocket_arrive() throws Exception {
    String name = "systole-test-" + UUID.randomUUID();
    try (NotificationSocket socket = new NotificationSocket('\0' + name)) {
      notifierOf("@" + name).ready("serving");

      assertThat(socket.next()).isEqualTo("READY=1\nSTATUS=serving");
    }
  }

  @Test
  void notifications_noSocketNamed_doNothing() {
    SystemdNotifier notifier = new SystemdNotifier(Map.of());

    assertThatCode(() -> notifier.ready("serving")).doesNotThrowAnyException();
  }

  @Test
  void notifications_nobodyListens_doNotFailTheNode(@TempDir Path folder) {
    SystemdNotifier notifier = notifierOf(folder.resolve("none").toString());

    assertThatCode(notifier::stopping).doesNotThrowAnyException();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunningServerTest {
  @TempDir
  private Path directory;

  @Test
  void close_runningBaseline_freesItsPort() throws Exception {
    int port;
    try (RunningServer server = RunningServer.start(
        free -> ServerUnderTest.CONSTANT.command(directory, free), directory.resolve("log"))) {
      port = server.port();
      assertThat(ProcessHandle.of(server.pid())).isPresent();
    }

    assertThatThrownBy(() -> connect(port)).isInstanceOf(ConnectException.class);
  }

  @Test
  void start_processEndsAtOnce_throwsWithItsStatus() {
    List<String> command = List.of("sh", "-c", "exit 3");

    assertThatThrownBy(() -> RunningServer.start(port -> command, directory.resolve("log")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("status 3");
  }

  private static void connect(int port) throws IOException {
    new Socket(InetAddress.getLoopbackAddress(), port).close();
  }
}

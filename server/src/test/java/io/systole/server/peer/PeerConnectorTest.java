// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.api.TlsFiles;
import io.systole.client.net.ServerAddress;
import io.systole.client.net.Transport;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class PeerConnectorTest {
  private static final int HEAP_BYTES = 1_600_000;

  /** A few peers could exhaust a small heap with 256 MiB each. */
  @Test
  void connectForRegistry_registryExceedsItsPartOfTheHeap_fails() throws Exception {
    try (FakePeer peer = new FakePeer();
        PeerConnector connector = new PeerConnector(
            PeerFixture.settings(60_000, TlsFiles.NONE, PeerFixture.url(peer)),
            Transport.NIO,
            HEAP_BYTES)) {
      PeerAddress address = new PeerAddress(
          ServerAddress.of(PeerFixture.url(peer)), InetAddress.getLoopbackAddress());
      peer.otherwise = (request, out) -> FakePeer.write(out, 200, "", "x".repeat(100_000));
      assertThat(connector.connectForRegistry(address).get(RegistryDownload.PATH))
          .succeedsWithin(PeerFixture.LIMIT);

      // Without a length, as an announced one is refused at once.
      peer.otherwise = (request, out) -> {
        out.write(
            ("HTTP/1.1 200 x\r\n\r\n" + "x".repeat(100_001)).getBytes(StandardCharsets.US_ASCII));
      };

      assertThat(connector.connectForRegistry(address).get(RegistryDownload.PATH))
          .failsWithin(PeerFixture.LIMIT)
          .withThrowableOfType(ExecutionException.class)
          .withMessageContaining("exceeds 100000 bytes");
    }
  }
}

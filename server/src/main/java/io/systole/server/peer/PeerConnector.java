// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.netty.channel.EventLoop;
import io.systole.client.net.TlsContext;
import io.systole.client.net.Transport;
import io.systole.server.peer.PeerConnection.Limits;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Creates the connections to peers, on the event loops of the node. Any thread may call. */
public final class PeerConnector implements AutoCloseable {
  /** The interval at which TLS files are checked for changes. */
  private static final Duration TLS_CHECK_INTERVAL = Duration.ofSeconds(30);

  /** A batch response may contain an instance per item. */
  private static final int BATCH_RESPONSE_BYTES_MAX = 8 * 1024 * 1024;

  /** The compressed registry of several million instances, or of 200,000 uncompressed. */
  private static final int REGISTRY_BYTES_MAX = 256 * 1024 * 1024;

  private final int timeoutMs;
  private final @Nullable TlsContext tls;
  private final Transport transport;
  private final Supplier<EventLoop> loops;

  /**
   * Creates a connector. Reads the TLS files if there may be peers.
   *
   * @param transport of the event loops
   * @param loops returns an event loop for a new connection
   * @throws IOException if a TLS file cannot be used
   */
  public PeerConnector(PeerSettings settings, Transport transport, Supplier<EventLoop> loops)
      throws IOException {
    this.timeoutMs = settings.timeoutMs();
    this.transport = transport;
    this.loops = loops;
    try {
      this.tls = settings.hasPeers() ? new TlsContext(settings.tls()) : null;
    } catch (IllegalArgumentException unusable) {
      throw new IOException("TLS files for peers: " + unusable.getMessage(), unusable);
    }
  }

  /** Begins to check the TLS files for changes. */
  void watchFiles() {
    if (tls != null) {
      tls.watch(TLS_CHECK_INTERVAL);
    }
  }

  /** Returns the maximum time for connecting to a peer, and for each of its responses. */
  int timeoutMs() {
    return timeoutMs;
  }

  /** Creates a connection for short responses. */
  PeerConnection connect(PeerAddress peer) {
    return connect(peer, new Limits(timeoutMs, timeoutMs, BATCH_RESPONSE_BYTES_MAX));
  }

  /** Creates a connection for a whole registry. */
  PeerConnection connectForRegistry(PeerAddress peer) {
    return connect(
        peer, new Limits(timeoutMs, RegistryDownload.TOTAL_TIMEOUT_MS, REGISTRY_BYTES_MAX));
  }

  private PeerConnection connect(PeerAddress peer, Limits limits) {
    return new PeerConnection(loops.get(), transport.channelType(), peer, tls, limits);
  }

  /** Stops checking the TLS files. */
  @Override
  public void close() {
    if (tls != null) {
      tls.close();
    }
  }
}

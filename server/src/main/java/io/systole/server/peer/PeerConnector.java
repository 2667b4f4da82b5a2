// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.netty.channel.EventLoopGroup;
import io.systole.client.net.PemFiles;
import io.systole.client.net.TlsContext;
import io.systole.client.net.Transport;
import io.systole.server.peer.PeerConnection.Limits;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Creates the connections to peers, on a separate event loop. Thread-safe. */
public final class PeerConnector implements AutoCloseable {
  /*
   * Responses of peers must be parsed, and on an event loop of the node the clients of that loop
   * would wait meanwhile. On a separate loop, peers delay at most each other, by less than a
   * read of each. One loop suffices for all: it neither decodes nor encodes documents.
   */

  /** The interval at which TLS files are checked for changes. */
  private static final Duration TLS_CHECK_INTERVAL = Duration.ofSeconds(30);

  /** The id of a peer's run is in the head of the response to a probe. */
  private static final int PROBE_RESPONSE_BYTES_MAX = ResponseMemory.FREE_BYTES;

  /** The compressed registry of several million instances, or of 200,000 uncompressed. */
  private static final int REGISTRY_BYTES_MAX = 256 * 1024 * 1024;

  /**
   * The part of the heap that one registry may occupy as received, and all batch responses
   * together. The compressed registry of as many instances as fit the heap takes less.
   */
  private static final int HEAP_PART = 16;

  /** Registries received at the same time: those compared, and one loaded. */
  private static final int REGISTRIES_MAX = ComparisonQueue.RUNNING_MAX + 1;

  /** Long enough for the close of the connections; shorter waits would end them without a reset. */
  private static final int QUIET_MS = 20;

  private static final int STOP_MS_MAX = 2_000;

  private final int timeoutMs;
  private final @Nullable TlsContext tls;
  private final Transport transport;
  private final @Nullable EventLoopGroup loop;
  private final int registryBytesMax;
  private final ResponseMemory registryMemory;
  private final ResponseMemory batchMemory;

  /**
   * Creates a connector. Reads the TLS files, if there are any, even without peers.
   *
   * @param transport of the event loop
   * @throws IOException if a TLS file cannot be used
   */
  public PeerConnector(PeerSettings settings, Transport transport) throws IOException {
    this(settings, transport, Runtime.getRuntime().maxMemory());
  }

  /** @param heapBytes the maximum size of the heap */
  PeerConnector(PeerSettings settings, Transport transport, long heapBytes) throws IOException {
    this.timeoutMs = settings.timeoutMs();
    this.transport = transport;
    long part = heapBytes / HEAP_PART;
    this.registryBytesMax = (int) Math.min(REGISTRY_BYTES_MAX, part);
    this.registryMemory = new ResponseMemory((long) REGISTRIES_MAX * registryBytesMax);
    this.batchMemory = new ResponseMemory(part);
    try {
      boolean hasFiles = !PemFiles.pathsOf(settings.tls()).isEmpty();
      this.tls = settings.hasPeers() || hasFiles ? new TlsContext(settings.tls()) : null;
    } catch (IllegalArgumentException unusable) {
      throw new IOException("TLS files for peers: " + unusable.getMessage(), unusable);
    }
    this.loop = settings.hasPeers() ? transport.startLoops(1, "systole-peer-loop") : null;
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

  /** Creates a connection for batches. */
  PeerConnection connect(PeerAddress peer) {
    return connect(
        peer, new Limits(timeoutMs, timeoutMs, PROBE_RESPONSE_BYTES_MAX), batchMemory.newShare());
  }

  /** Creates a connection for a whole registry. */
  PeerConnection connectForRegistry(PeerAddress peer) {
    return connectForRegistry(peer, RegistryDownload.TOTAL_TIMEOUT_MS);
  }

  /**
   * Creates a connection for a whole registry.
   *
   * @param timeoutMsMax the maximum time to receive it
   */
  PeerConnection connectForRegistry(PeerAddress peer, int timeoutMsMax) {
    return connect(
        peer, new Limits(timeoutMs, timeoutMsMax, registryBytesMax), registryMemory.newShare());
  }

  private PeerConnection connect(PeerAddress peer, Limits limits, ResponseMemory.Share memory) {
    if (loop == null) {
      throw new IllegalStateException("no peers are configured, but " + peer);
    }
    return new PeerConnection(loop.next(), transport.channelType(), peer, tls, limits, memory);
  }

  /** Stops checking the TLS files, and closes all connections. */
  @Override
  public void close() {
    if (tls != null) {
      tls.close();
    }
    if (loop != null) {
      var unused = loop.shutdownGracefully(QUIET_MS, STOP_MS_MAX, TimeUnit.MILLISECONDS)
          .awaitUninterruptibly(STOP_MS_MAX, TimeUnit.MILLISECONDS);
    }
  }
}

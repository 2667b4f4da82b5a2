// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A proxy on loopback in front of a peer that can delay or withhold its responses, and counts what
 * it forwards. A request is forwarded after the delay even if its sender has given up meanwhile, as
 * by an overloaded server.
 */
final class PeerProxy implements AutoCloseable {
  /** The treatment of requests. */
  enum Mode {
    /** Forwards at once. */
    PASS,
    /** Forwards each request after the delay. */
    SLOW,
    /** Accepts connections and reads requests, and forwards none; for connections of this time. */
    SILENT
  }

  /**
   * The forwarded traffic so far.
   *
   * @param renewals items of batches
   * @param sentBytes of requests, heads included
   * @param receivedBytes of responses, heads included
   */
  record Traffic(long requests, long renewals, long sentBytes, long receivedBytes) {
    /** Returns the traffic since {@code earlier}. */
    Traffic since(Traffic earlier) {
      return new Traffic(
          requests - earlier.requests,
          renewals - earlier.renewals,
          sentBytes - earlier.sentBytes,
          receivedBytes - earlier.receivedBytes);
    }
  }

  private static final int BACKLOG = 1_024;
  private static final int BUFFER_BYTES = 1 << 16;

  private final ServerSocket listener;
  private final int targetPort;
  private final long delayMs;
  private final ExecutorService threads;

  /** Open sockets of both sides. */
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  private final LongAdder requests = new LongAdder();
  private final LongAdder renewals = new LongAdder();
  private final LongAdder sentBytes = new LongAdder();
  private final LongAdder receivedBytes = new LongAdder();
  private volatile Mode mode = Mode.PASS;

  /**
   * Starts a proxy on a free port.
   *
   * @param targetPort port of the peer on loopback
   * @param delayMs of each request in the mode {@link Mode#SLOW}
   */
  PeerProxy(int targetPort, long delayMs) throws IOException {
    this.targetPort = targetPort;
    this.delayMs = delayMs;
    listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    threads = Executors.newCachedThreadPool(task -> {
      Thread thread = new Thread(task, "peer-proxy");
      thread.setDaemon(true);
      return thread;
    });
    threads.execute(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Changes the treatment of all further requests. */
  void setMode(Mode next) {
    mode = next;
  }

  Traffic traffic() {
    return new Traffic(requests.sum(), renewals.sum(), sentBytes.sum(), receivedBytes.sum());
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        sockets.add(client);
        threads.execute(() -> serve(client));
      }
    } catch (SocketException closed) {
      // The proxy has been closed.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve(Socket client) {
    try (client) {
      client.setTcpNoDelay(true);
      forward(client);
    } catch (IOException ended) {
      // Either side may close a connection, at any time; its sender then opens another.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      sockets.remove(client);
    }
  }

  private void forward(Socket client) throws IOException, InterruptedException {
    InputStream in = new BufferedInputStream(client.getInputStream(), BUFFER_BYTES);
    try (Socket target = new Socket(InetAddress.getLoopbackAddress(), targetPort)) {
      sockets.add(target);
      target.setTcpNoDelay(true);
      threads.execute(() -> copyResponses(target, client));
      OutputStream out = target.getOutputStream();
      @Nullable ProxiedRequest request;
      while ((request = ProxiedRequest.read(in)) != null) {
        Mode current = mode;
        if (current == Mode.SILENT) {
          in.transferTo(OutputStream.nullOutputStream());
          return;
        }
        if (current == Mode.SLOW) {
          TimeUnit.MILLISECONDS.sleep(delayMs);
        }
        byte[] bytes = request.bytes();
        requests.increment();
        renewals.add(request.renewals());
        sentBytes.add(bytes.length);
        out.write(bytes);
      }
    }
  }

  private void copyResponses(Socket target, Socket client) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (client;
        target) {
      InputStream in = target.getInputStream();
      OutputStream out = client.getOutputStream();
      for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
        receivedBytes.add(got);
        out.write(buffer, 0, got);
      }
    } catch (IOException ended) {
      // As for requests.
    } finally {
      sockets.remove(target);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    threads.shutdownNow();
  }
}

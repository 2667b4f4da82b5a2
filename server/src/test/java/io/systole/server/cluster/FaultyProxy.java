// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.client.ReservedPort;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A TCP proxy before one server on the loopback address, with faults that a test switches on and
 * off. A fault applies to open connections too, from their next bytes on.
 */
final class FaultyProxy implements AutoCloseable {
  /** The faults that connections and bytes can have. */
  enum Fault {
    /** Nothing: everything is forwarded. */
    NONE,
    /**
     * Bytes and ends of connections are discarded. A connection that has lost any of them stays
     * silent for ever, as if its packets were dropped.
     */
    DROP,
    /** The port is closed, and all connections are. */
    REFUSE,
    /** Each chunk is forwarded 5 s late, also if the fault has ended by then. */
    DELAY,
    /** Bytes are forwarded at 20 kB/s. */
    THROTTLE,
    /** A direction of each connection ends in the middle of a chunk. */
    HALF_CLOSE,
    /**
     * A fifth of the chunks have one byte with a flipped high bit, which no valid message in ASCII
     * has. Other bits could turn one valid message into another, which no receiver can detect.
     */
    CORRUPT
  }

  private static final int CHUNK_BYTES_MAX = 64 * 1024;
  static final int DELAY_MS = 5_000;
  private static final int THROTTLE_BYTES = 1_000;
  private static final int THROTTLE_MS = 50;
  private static final long SEED = 17;

  private final InetSocketAddress target;
  private final SplittableRandom seeds = new SplittableRandom(SEED);
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger delayedChunks = new AtomicInteger();
  private final ReservedPort port = new ReservedPort();
  private ServerSocket listener;
  private volatile Fault fault = Fault.NONE;

  /** Opens a port in front of the server's. */
  FaultyProxy(int targetPort) throws IOException {
    target = new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort);
    listener = listen();
  }

  private ServerSocket listen() throws IOException {
    ServerSocket opened = new ServerSocket();
    opened.setReuseAddress(true);
    opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port.number()));
    start(() -> accept(opened));
    return opened;
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "faulty-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  /** Returns the URL of a path at the server, through this proxy. */
  URI url(String path) {
    return URI.create("http://127.0.0.1:" + port.number() + path);
  }

  /** Replaces the fault. For one thread. */
  void switchTo(Fault next) throws IOException {
    fault = next;
    if (next == Fault.REFUSE) {
      closeSockets();
    } else if (listener.isClosed()) {
      listener = listen();
    }
  }

  @Override
  public void close() throws IOException {
    closeSockets();
    port.close();
  }

  /** Returns how many chunks are being delayed, and neither forwarded nor lost yet. */
  int delayedChunks() {
    return delayedChunks.get();
  }

  private void closeSockets() throws IOException {
    listener.close();
    sockets.forEach(this::close);
  }

  private void close(Socket socket) {
    sockets.remove(socket);
    try {
      socket.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void accept(ServerSocket opened) {
    try {
      while (true) {
        forward(opened.accept());
      }
    } catch (IOException closed) {
      // The end of the listener.
    }
  }

  private void forward(Socket client) {
    Socket server = new Socket();
    sockets.add(client);
    sockets.add(server);
    try {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      server.connect(target);
    } catch (IOException unreachable) {
      close(client);
      return;
    }
    Connection connection = new Connection(client, server);
    SplittableRandom requests = seeds.split();
    SplittableRandom responses = seeds.split();
    boolean cutsRequests = seeds.nextBoolean();
    start(() -> connection.pump(client, server, requests, cutsRequests));
    start(() -> connection.pump(server, client, responses, !cutsRequests));
  }

  /** The two directions of a forwarded connection, each with a thread. */
  private final class Connection {
    private final Socket client;
    private final Socket server;
    private final AtomicInteger ended = new AtomicInteger();

    /** True if anything was dropped. */
    private volatile boolean isSilent;

    Connection(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    /** @param isCut whether this direction is the one that a half-close ends */
    void pump(Socket from, Socket to, SplittableRandom random, boolean isCut) {
      try {
        forward(from, to, random, isCut);
      } catch (IOException | InterruptedException lost) {
        end(from, to, true);
        return;
      }
      end(from, to, false);
    }

    private void forward(Socket from, Socket to, SplittableRandom random, boolean isCut)
        throws IOException, InterruptedException {
      byte[] chunk = new byte[CHUNK_BYTES_MAX];
      boolean isOpen = true;
      for (int length = read(from, chunk); length >= 0; length = read(from, chunk)) {
        Fault current = fault;
        isSilent |= current == Fault.DROP;
        if (isSilent || !isOpen) {
          continue;
        }
        if (current == Fault.DELAY) {
          forwardLate(chunk, length, to.getOutputStream());
          continue;
        }
        if (current == Fault.CORRUPT && random.nextInt(5) == 0) {
          int damaged = random.nextInt(length);
          chunk[damaged] = (byte) (chunk[damaged] ^ 0x80);
        } else if (current == Fault.HALF_CLOSE && isCut) {
          length /= 2;
          isOpen = false;
        }
        write(chunk, length, to.getOutputStream());
        if (!isOpen) {
          to.shutdownOutput();
        }
      }
    }

    private void forwardLate(byte[] chunk, int length, OutputStream out)
        throws IOException, InterruptedException {
      delayedChunks.incrementAndGet();
      try {
        Thread.sleep(DELAY_MS);
        write(chunk, length, out);
      } finally {
        delayedChunks.decrementAndGet();
      }
    }

    private static int read(Socket from, byte[] chunk) throws IOException {
      return from.getInputStream().read(chunk);
    }

    private void write(byte[] chunk, int length, OutputStream out)
        throws IOException, InterruptedException {
      int offset = 0;
      while (offset < length) {
        boolean isSlow = fault == Fault.THROTTLE;
        int part = isSlow ? Math.min(THROTTLE_BYTES, length - offset) : length - offset;
        out.write(chunk, offset, part);
        offset += part;
        if (isSlow) {
          Thread.sleep(THROTTLE_MS);
        }
      }
    }

    /** Ends a direction at the receiver, or both after a failure, unless the end is dropped. */
    private void end(Socket from, Socket to, boolean isFailure) {
      isSilent |= fault == Fault.DROP;
      if (isSilent) {
        close(from);
        return;
      }
      try {
        if (!isFailure && ended.incrementAndGet() == 1) {
          to.shutdownOutput();
          return;
        }
      } catch (IOException closed) {
        // The receiver has ended first.
      }
      close(client);
      close(server);
    }
  }
}

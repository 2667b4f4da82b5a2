// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Misbehaving connections; those that the target closes are opened again. Used on the timer thread.
 */
final class MisbehavingConnections {
  static final int COUNT_MAX = 50_000;
  static final double UNBOUNDED = Double.MAX_VALUE;

  private static final long POLL_MS = 100;
  private static final double POLLS_PER_SEC = 10;
  private static final int READ_BYTES = 4096;
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  /** The behavior of a connection. */
  enum Behavior {
    /** Sends requests and reads responses, both at its rate. */
    SLOW,
    /** Sends the first half of a request. */
    HALF_REQUEST,
    /** Sends requests for the full registry and never reads. */
    NEVER_READING,
    /** Sends nothing. */
    SILENT
  }

  /** A connection that is reopened whenever the target closes it. */
  private final class MisbehavingConnection {
    private final Behavior behavior;
    private final double bytesPerSec;
    private final ByteBuffer request;
    private double budgetBytes;
    private @Nullable SocketChannel channel;

    MisbehavingConnection(Behavior behavior, double bytesPerSec) {
      this.behavior = behavior;
      this.bytesPerSec = bytesPerSec;
      this.request = requestBytes.duplicate();
    }

    void poll() {
      try {
        SocketChannel open = channel == null ? open() : channel;
        if (open.finishConnect()) {
          budgetBytes = Math.min(budgetBytes + bytesPerSec / POLLS_PER_SEC, READ_BYTES);
          exchange(open);
        }
      } catch (IOException e) {
        // The target closed or refused the connection, which it may.
        closedCount++;
        close();
      }
    }

    private SocketChannel open() throws IOException {
      SocketChannel opened = SocketChannel.open();
      channel = opened;
      opened.configureBlocking(false);
      opened.connect(target);
      request.rewind();
      budgetBytes = 0;
      return opened;
    }

    private void exchange(SocketChannel open) throws IOException {
      switch (behavior) {
        case SLOW -> {
          int bytes = (int) budgetBytes;
          budgetBytes -= bytes;
          write(open, bytes);
          read(open, bytes);
        }
        case HALF_REQUEST -> {
          write(open, request.capacity() / 2 - request.position());
          read(open, READ_BYTES);
        }
        case NEVER_READING -> write(open, request.capacity());
        case SILENT -> read(open, READ_BYTES);
      }
    }

    private void write(SocketChannel open, int bytes) throws IOException {
      request.limit(Math.min(request.capacity(), request.position() + Math.max(0, bytes)));
      open.write(request);
      request.limit(request.capacity());
      if (!request.hasRemaining()) {
        request.rewind();
      }
    }

    private void read(SocketChannel open, int bytes) throws IOException {
      if (bytes > 0 && open.read(ByteBuffer.allocate(bytes)) < 0) {
        throw new IOException("closed by the target");
      }
    }

    void close() {
      try {
        if (channel != null) {
          channel.close();
        }
      } catch (IOException e) {
        // The connection is closed either way.
      }
      channel = null;
    }
  }

  private final ScenarioContext context;
  private final String name;
  private final InetSocketAddress target;
  private final ByteBuffer requestBytes;
  private final List<MisbehavingConnection> connections = new ArrayList<>();
  private long closedCount;

  MisbehavingConnections(ScenarioContext context, String name) {
    this.context = context;
    this.name = name;
    URI url = context.target();
    this.target = addressOf(url);
    String path = url.getRawPath().replaceAll("/+$", "") + "/apps/";
    String request = "GET " + path + " HTTP/1.1\r\nHost: " + url.getHost() + ":" + target.getPort()
        + "\r\nAccept: application/json\r\n\r\n";
    this.requestBytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
  }

  /** Returns the address of a service, with the default port of its scheme. */
  static InetSocketAddress addressOf(URI url) {
    int defaultPort = isTls(url) ? HTTPS_PORT : HTTP_PORT;
    int port = url.getPort() < 0 ? defaultPort : url.getPort();
    return new InetSocketAddress(url.getHost().replaceAll("[\\[\\]]", ""), port);
  }

  static boolean isTls(URI url) {
    return "https".equalsIgnoreCase(url.getScheme());
  }

  void add(Behavior behavior, double bytesPerSec) {
    connections.add(new MisbehavingConnection(behavior, bytesPerSec));
  }

  /** Opens the connections; the end of the window closes them. */
  void begin() {
    context.poll(POLL_MS, () -> connections.forEach(MisbehavingConnection::poll));
    context.onEnd(this::finish);
  }

  private void finish() {
    long open =
        connections.stream().filter(connection -> connection.channel != null).count();
    connections.forEach(MisbehavingConnection::close);
    context.recordEvent(name + ": the target closed connections " + closedCount + " times; " + open
        + " of " + connections.size() + " were open at the end");
  }
}

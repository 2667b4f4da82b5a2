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

/** Connections that behave badly; what the target closes is opened again. On the timer thread. */
final class MisbehavingConnections {
  static final int COUNT_MAX = 50_000;
  static final double UNBOUNDED = Double.MAX_VALUE;

  private static final long LOOK_MS = 100;
  private static final double LOOKS_PER_SEC = 10;
  private static final int READ_BYTES = 4096;
  private static final int DEFAULT_PORT = 80;

  /** How a connection behaves. */
  enum Behavior {
    /** Sends request after request and reads the answers, both at its rate. */
    DRIPPING,
    /** Sends the first half of a request. */
    HALF_ASKING,
    /** Asks for everything again and again, and never reads. */
    NEVER_READING,
    /** Sends nothing. */
    SILENT
  }

  /** One place that holds a connection as long as the target lets it. */
  private final class MisbehavingConnection {
    private final Behavior manner;
    private final double bytesPerSec;
    private final ByteBuffer request;
    private double mayMove;
    private @Nullable SocketChannel channel;

    MisbehavingConnection(Behavior manner, double bytesPerSec) {
      this.manner = manner;
      this.bytesPerSec = bytesPerSec;
      this.request = text.duplicate();
    }

    void look() {
      try {
        SocketChannel open = channel == null ? open() : channel;
        if (open.finishConnect()) {
          mayMove = Math.min(mayMove + bytesPerSec / LOOKS_PER_SEC, READ_BYTES);
          behave(open);
        }
      } catch (IOException e) {
        // The target ended it, or does not listen: both are its right.
        closed++;
        close();
      }
    }

    private SocketChannel open() throws IOException {
      SocketChannel opened = SocketChannel.open();
      channel = opened;
      opened.configureBlocking(false);
      opened.connect(target);
      request.rewind();
      mayMove = 0;
      return opened;
    }

    private void behave(SocketChannel open) throws IOException {
      switch (manner) {
        case DRIPPING -> {
          int bytes = (int) mayMove;
          mayMove -= bytes;
          write(open, bytes);
          read(open, bytes);
        }
        case HALF_ASKING -> {
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
        // It is gone either way.
      }
      channel = null;
    }
  }

  private final ScenarioContext context;
  private final String name;
  private final InetSocketAddress target;
  private final ByteBuffer text;
  private final List<MisbehavingConnection> places = new ArrayList<>();
  private long closed;

  MisbehavingConnections(ScenarioContext context, String name) {
    this.context = context;
    this.name = name;
    URI url = context.target();
    int port = url.getPort() < 0 ? DEFAULT_PORT : url.getPort();
    String host = url.getHost().replaceAll("[\\[\\]]", "");
    this.target = new InetSocketAddress(host, port);
    String path = url.getRawPath().replaceAll("/+$", "") + "/apps/";
    String request = "GET " + path + " HTTP/1.1\r\nHost: " + url.getHost() + ":" + port
        + "\r\nAccept: application/json\r\n\r\n";
    this.text = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
  }

  void add(Behavior manner, double bytesPerSec) {
    places.add(new MisbehavingConnection(manner, bytesPerSec));
  }

  /** Opens them; the end of the window closes them. */
  void begin() {
    context.look(LOOK_MS, () -> places.forEach(MisbehavingConnection::look));
    context.atEnd(this::conclude);
  }

  private void conclude() {
    long open = places.stream().filter(place -> place.channel != null).count();
    places.forEach(MisbehavingConnection::close);
    context.report(name + ": the target closed connections " + closed + " times; " + open + " of "
        + places.size() + " were open at the end");
  }
}

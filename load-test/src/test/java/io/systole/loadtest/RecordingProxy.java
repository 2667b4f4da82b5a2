// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * A proxy before a registry that forwards the bytes of writes and logs heartbeats. It responds to
 * other requests itself, with 404. Requests of a connection are forwarded one by one.
 */
public final class RecordingProxy implements AutoCloseable {
  /**
   * A heartbeat and its response.
   *
   * @param arrived time at which the request had been read
   * @param ms from then until the response was written
   */
  public record Exchange(Instant arrived, double ms, int status) {}

  private static final byte[] NOT_FOUND =
      "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".getBytes(US_ASCII);
  private static final double NS_PER_MS = TimeUnit.MILLISECONDS.toNanos(1);

  private final URI registry;
  private final SocketServer server;
  private final ConcurrentLinkedQueue<Exchange> heartbeats = new ConcurrentLinkedQueue<>();

  /** @param registry service URL */
  public RecordingProxy(URI registry) throws IOException {
    this.registry = registry;
    server = new SocketServer(this::serve);
  }

  /** Returns the service URL of the registry through this proxy. */
  public URI url() {
    return server.url().resolve(registry.getPath());
  }

  /** Returns the heartbeats in order of their responses. */
  public List<Exchange> heartbeats() {
    return List.copyOf(heartbeats);
  }

  /** A stream that keeps a copy of the bytes read. */
  private static final class CopyingStream extends FilterInputStream {
    private final ByteArrayOutputStream copy = new ByteArrayOutputStream();

    CopyingStream(InputStream in) {
      super(new BufferedInputStream(in));
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      if (read >= 0) {
        copy.write(read);
      }
      return read;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      int count = super.read(bytes, from, length);
      copy.write(bytes, from, Math.max(0, count));
      return count;
    }

    @Override
    public long skip(long count) throws IOException {
      return read(new byte[Math.toIntExact(count)], 0, Math.toIntExact(count));
    }

    byte[] take() {
      byte[] taken = copy.toByteArray();
      copy.reset();
      return taken;
    }
  }

  private void serve(Socket client) throws IOException {
    try (client;
        Socket target = new Socket(registry.getHost(), registry.getPort())) {
      target.setTcpNoDelay(true);
      CopyingStream requests = new CopyingStream(client.getInputStream());
      CopyingStream responses = new CopyingStream(target.getInputStream());
      boolean isOpen = true;
      while (isOpen) {
        String line = SocketServer.readRequest(requests).line();
        Instant arrived = Instant.now();
        long arrivedNs = System.nanoTime();
        byte[] request = requests.take();
        if (line.startsWith("GET ")) {
          client.getOutputStream().write(NOT_FOUND);
          continue;
        }
        target.getOutputStream().write(request);
        SocketServer.RequestHead response = SocketServer.readRequest(responses);
        client.getOutputStream().write(responses.take());
        if (line.startsWith("PUT ")) {
          heartbeats.add(new Exchange(
              arrived,
              (System.nanoTime() - arrivedNs) / NS_PER_MS,
              Integer.parseInt(response.line().split(" ", 3)[1])));
        }
        isOpen = response.headers().stream().noneMatch("Connection: close"::equalsIgnoreCase);
      }
      // Closing with unread requests would reset the connection, and the client could lose the last
      // response.
      client.shutdownOutput();
      requests.transferTo(OutputStream.nullOutputStream());
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}

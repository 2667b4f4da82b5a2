// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** A blocking client that sends exact bytes. Reads time out after 10 s. */
public final class LiveClient implements AutoCloseable {
  private static final int TIMEOUTS_MS = 30_000;

  private final Socket socket;
  private final StringBuilder unread = new StringBuilder();

  private LiveClient(Socket socket) {
    this.socket = socket;
  }

  public static LiveClient connect(int port) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIMEOUTS_MS);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUTS_MS);
      return new LiveClient(socket);
    } catch (IOException failure) {
      socket.close();
      throw failure;
    }
  }

  /** Returns a client of a connected socket, e.g. one with TLS. */
  public static LiveClient of(Socket socket) throws IOException {
    socket.setSoTimeout(TIMEOUTS_MS);
    return new LiveClient(socket);
  }

  public void send(String bytes) throws IOException {
    send(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  public void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  public void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Makes {@link #close} reset the connection. */
  void resetOnClose() throws IOException {
    socket.setSoLinger(true, 0);
  }

  /** Reads and returns the given number of complete responses. */
  public String responses(int count) throws IOException {
    int end = ParsedResponse.endOf(unread, count);
    while (end < 0) {
      if (!readSome()) {
        throw new IOException("ended after: " + unread);
      }
      end = ParsedResponse.endOf(unread, count);
    }
    String taken = unread.substring(0, end);
    unread.delete(0, end);
    return taken;
  }

  public ParsedResponse response() throws IOException {
    return ParsedResponse.parseAll(responses(1)).get(0);
  }

  /** Reads until the bytes not taken yet contain this text; returns them without taking them. */
  public String readUntil(String text) throws IOException {
    long beganNs = System.nanoTime();
    while (unread.indexOf(text) < 0) {
      // An event stream sends comments, so that no single read times out.
      boolean isLate = System.nanoTime() - beganNs > TimeUnit.MILLISECONDS.toNanos(TIMEOUTS_MS);
      if (isLate || !readSome()) {
        throw new IOException("no " + text + " in: " + unread);
      }
    }
    return unread.toString();
  }

  /** Reads until the end of input; a reset is an error. */
  public String rest() throws IOException {
    while (readSome()) {
      // Until the end.
    }
    return unread.toString();
  }

  private boolean readSome() throws IOException {
    InputStream in = socket.getInputStream();
    byte[] bytes = new byte[16_384];
    int size = in.read(bytes);
    if (size > 0) {
      unread.append(new String(bytes, 0, size, StandardCharsets.ISO_8859_1));
    }
    return size > 0;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import io.systole.protocol.http.BodyFraming;
import io.systole.protocol.http.HttpLimits;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.ResponseHeadParser;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/** A blocking HTTP connection to a server on loopback that supports pipelining. Not thread-safe. */
public final class BlockingHttpConnection implements Closeable {
  /**
   * The head of a response.
   *
   * @param etag its entity tag, or null
   * @param coding its {@code Content-Encoding}, or null
   */
  public record ResponseInfo(
      int status, @Nullable String etag, @Nullable String coding) {}

  private static final int BUFFER_BYTES = 1 << 18;

  /** Long enough for a stock server that encodes a million instances. */
  private static final int READ_TIMEOUT_MS = 300_000;

  private final Socket socket;
  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int from;
  private int to;
  private final ResponseHeadParser head = new ResponseHeadParser(HttpLimits.DEFAULT);
  private final BodyFraming body = new BodyFraming(HttpLimits.DEFAULT);

  public BlockingHttpConnection(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(READ_TIMEOUT_MS);
    in = socket.getInputStream();
  }

  public void send(byte[] bytes, int start, int length) throws IOException {
    socket.getOutputStream().write(bytes, start, length);
  }

  /**
   * Sends one request and waits for its response.
   *
   * @throws IOException if the status is not {@code expected}
   */
  public void exchange(byte[] request, int expected) throws IOException {
    send(request, 0, request.length);
    receive(expected);
  }

  /**
   * Reads the next response and discards its body.
   *
   * @throws IOException if the status is not {@code expected}
   */
  public void receive(int expected) throws IOException {
    require(receive(HttpMethod.GET, (bytes, start, length) -> {}), expected);
  }

  /** Requires the status {@code expected}. */
  static void require(ResponseInfo response, int expected) throws IOException {
    if (response.status() != expected) {
      throw new IOException("expected status " + expected + ", was " + response.status());
    }
  }

  /** Reads the next response to its end and passes the body to {@code sink} in segments. */
  public ResponseInfo receive(HttpMethod method, BodyFraming.Sink sink) throws IOException {
    try {
      from = head(from);
      ResponseInfo response =
          new ResponseInfo(head.status(), head.header("ETag"), head.header("Content-Encoding"));
      if (head.hasBody(method)) {
        boolean isChunked = head.isChunked();
        body.begin(isChunked ? 0 : head.contentLength(), isChunked, Long.MAX_VALUE);
        from = body.read(buffer, from, to, sink);
        while (!body.isComplete()) {
          fill(0);
          from = body.read(buffer, 0, to, sink);
        }
      }
      return response;
    } catch (HttpParseException e) {
      throw new IOException("response is not HTTP: " + e.reason(), e);
    }
  }

  private int head(int start) throws IOException, HttpParseException {
    int end = head.parse(buffer, start, to);
    if (end != ResponseHeadParser.INCOMPLETE) {
      return end;
    }
    System.arraycopy(buffer, start, buffer, 0, to - start);
    to -= start;
    while (end == ResponseHeadParser.INCOMPLETE) {
      fill(to);
      end = head.parse(buffer, 0, to);
    }
    return end;
  }

  /** Reads available bytes into the buffer at offset {@code at}. */
  private void fill(int at) throws IOException {
    int got = in.read(buffer, at, buffer.length - at);
    if (got < 0) {
      throw new EOFException("server closed the connection before the end of its response");
    }
    to = at + got;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

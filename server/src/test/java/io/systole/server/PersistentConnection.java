// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.http.HttpLimits;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.ResponseHeadParser;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** A persistent connection with optional pipelining. For one thread. */
final class PersistentConnection implements AutoCloseable {
  /**
   * A response.
   *
   * @param version the registry version, -1 if absent
   * @param body as sent
   */
  @SuppressWarnings("ArrayRecordComponent") // Responses are read, never compared.
  record VersionedResponse(
      int status, long version, @Nullable String tag, boolean isGzip, byte[] body) {
    byte[] plain() throws IOException {
      if (!isGzip) {
        return body;
      }
      try (GZIPInputStream gzip =
          new GZIPInputStream(new ByteArrayInputStream(body), Math.max(1, body.length))) {
        return gzip.readAllBytes();
      }
    }
  }

  private static final int TIMEOUT_MS = 30_000;

  private final Socket socket = new Socket();
  private final ResponseHeadParser head = new ResponseHeadParser(HttpLimits.DEFAULT);
  private byte[] bytes = new byte[1 << 16];
  private int from;
  private int to;

  PersistentConnection(int port) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
  }

  void send(String head) throws IOException {
    socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
  }

  void send(String head, byte[] body) throws IOException {
    byte[] led = head.getBytes(StandardCharsets.ISO_8859_1);
    byte[] whole = Arrays.copyOf(led, led.length + body.length);
    System.arraycopy(body, 0, whole, led.length, body.length);
    socket.getOutputStream().write(whole);
  }

  /** Reads the next response, which must not be to HEAD. */
  VersionedResponse response() throws IOException {
    try {
      int end = head.parse(bytes, from, to);
      while (end == ResponseHeadParser.INCOMPLETE) {
        readMore();
        end = head.parse(bytes, from, to);
      }
      String version = head.header("systole-version");
      String tag = head.header("etag");
      boolean isGzip = "gzip".equals(head.header("content-encoding"));
      int status = head.status();
      int length = bodyLength();
      from = end;
      while (to - from < length) {
        readMore();
      }
      byte[] body = Arrays.copyOfRange(bytes, from, from + length);
      from += length;
      return new VersionedResponse(
          status, version == null ? -1 : Long.parseLong(version), tag, isGzip, body);
    } catch (HttpParseException malformed) {
      throw new IOException("malformed response: " + malformed.reason(), malformed);
    }
  }

  private int bodyLength() throws IOException {
    if (!head.hasBody(HttpMethod.GET)) {
      return 0;
    }
    if (head.contentLength() < 0) {
      throw new IOException("response without length: " + head.status());
    }
    return Math.toIntExact(head.contentLength());
  }

  private void readMore() throws IOException {
    if (from > 0) {
      System.arraycopy(bytes, from, bytes, 0, to - from);
      to -= from;
      from = 0;
    }
    if (to == bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * to);
    }
    int size = socket.getInputStream().read(bytes, to, bytes.length - to);
    if (size < 0) {
      throw new EOFException("the node ended the connection");
    }
    to += size;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

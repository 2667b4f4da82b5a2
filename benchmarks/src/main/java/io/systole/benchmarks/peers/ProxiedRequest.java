// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request as received, head and body.
 *
 * @param text its bytes, as ISO 8859-1
 */
record ProxiedRequest(String text) {
  private static final Pattern CONTENT_LENGTH = Pattern.compile("\r\ncontent-length: *(\\d+)\r\n");
  private static final Pattern CHUNKED = Pattern.compile("\r\ntransfer-encoding: *chunked\r\n");
  private static final Pattern HEARTBEAT = Pattern.compile("\"action\":\"Heartbeat\"");
  private static final int HEX = 16;

  /** Far more than a batch; a longer request is not one of a peer. */
  private static final int BYTES_MAX = 64 << 20;

  /**
   * Reads the next request.
   *
   * @return null at the end of the stream
   * @throws IOException if the stream ends within a request, or the request is too long
   */
  static @Nullable ProxiedRequest read(InputStream in) throws IOException {
    int first = in.read();
    if (first < 0) {
      return null;
    }
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.write(first);
    int lineBytes;
    do {
      lineBytes = readLine(in, request).length();
    } while (lineBytes > 2);
    String head = request.toString(ISO_8859_1).toLowerCase(Locale.ROOT);
    Matcher length = CONTENT_LENGTH.matcher(head);
    if (CHUNKED.matcher(head).find()) {
      readChunks(in, request);
    } else if (length.find()) {
      readBytes(in, Integer.parseInt(length.group(1)), request);
    }
    return new ProxiedRequest(request.toString(ISO_8859_1));
  }

  /** Reads a line with its end. */
  private static String readLine(InputStream in, ByteArrayOutputStream request) throws IOException {
    StringBuilder line = new StringBuilder();
    int next = 0;
    while (next != '\n') {
      next = in.read();
      if (next < 0) {
        throw new EOFException("request ends within a line");
      }
      line.append((char) next);
      request.write(next);
      requireSize(request.size());
    }
    return line.toString();
  }

  private static void readChunks(InputStream in, ByteArrayOutputStream request) throws IOException {
    int size;
    do {
      String line = readLine(in, request).strip();
      size = Integer.parseInt(line.split(";", 2)[0].strip(), HEX);
      readBytes(in, size, request);
      // The end of the chunk; after the last one, of the trailer, which no peer sends.
      readLine(in, request);
    } while (size > 0);
  }

  private static void readBytes(InputStream in, int count, ByteArrayOutputStream request)
      throws IOException {
    requireSize((long) request.size() + count);
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("request ends within its body");
    }
    request.write(bytes);
  }

  private static void requireSize(long bytes) throws IOException {
    if (bytes > BYTES_MAX) {
      throw new IOException("request of more than " + BYTES_MAX + " bytes");
    }
  }

  byte[] bytes() {
    return text.getBytes(ISO_8859_1);
  }

  /** Returns the number of replicated renewals in a batch that is not compressed. */
  long renewals() {
    return HEARTBEAT.matcher(text).results().count();
  }
}

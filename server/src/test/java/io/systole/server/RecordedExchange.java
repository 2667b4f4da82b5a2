// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * One recorded exchange of the directory {@code captures}.
 *
 * @param response null when the request was recorded from a client or peer alone
 */
record RecordedExchange(
    String name,
    String requestLine,
    List<String> headers,
    String body,
    @Nullable RecordedResponse response) {
  private static final String RESPONSE_MARK = "\n### RESPONSE\n";
  private static final String PACKED_BODY = "[gzip body]";

  /**
   * A recorded response.
   *
   * @param headers header fields by lower-case name
   * @param body decompressed
   */
  record RecordedResponse(int status, Map<String, String> headers, String body) {
    @Nullable
    String type() {
      return headers.get("content-type");
    }

    boolean isGzipped() {
      return "gzip".equals(headers.get("content-encoding"));
    }
  }

  /** Returns all exchanges by name. */
  static Map<String, RecordedExchange> all() {
    try (Stream<Path> files = Files.list(directory())) {
      return files
          .filter(file -> file.toString().endsWith(".http"))
          .map(RecordedExchange::read)
          .collect(Collectors.toMap(RecordedExchange::name, any -> any, (a, b) -> a, TreeMap::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RecordedExchange named(String name, Map<String, RecordedExchange> recorded) {
    RecordedExchange exchange = recorded.get(name);
    if (exchange == null) {
      throw new IllegalArgumentException("no such recording: " + name);
    }
    return exchange;
  }

  static Path directory() {
    try {
      return Path.of(RecordedExchange.class.getResource("/captures").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the recorded response, which must exist. */
  RecordedResponse requiredResponse() {
    if (response == null) {
      throw new IllegalStateException("no response recorded: " + name);
    }
    return response;
  }

  String target() {
    return requestLine.split(" ", -1)[1];
  }

  boolean isDelta() {
    return target().matches("\\S*/apps/delta/?(\\?.*)?");
  }

  /** Returns the request as sent over the wire. */
  byte[] bytes(Map<String, RecordedExchange> others) {
    byte[] content = content(others);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(line(requestLine));
    boolean isChunked = false;
    for (String header : headers) {
      String lower = header.toLowerCase(Locale.ROOT);
      isChunked |= lower.equals("transfer-encoding: chunked");
      // The length of a compressed body depends on the compressor.
      out.writeBytes(
          line(lower.startsWith("content-length:") ? "Content-Length: " + content.length : header));
    }
    out.writeBytes(line(""));
    if (isChunked) {
      out.writeBytes(line(Integer.toHexString(content.length)));
      out.writeBytes(content);
      out.writeBytes(line("\r\n0\r\n"));
    } else {
      out.writeBytes(content);
    }
    return out.toByteArray();
  }

  /** Compressed bodies were not recorded; the accepted uncompressed one is used instead. */
  private byte[] content(Map<String, RecordedExchange> others) {
    if (!body.equals(PACKED_BODY)) {
      return body.getBytes(StandardCharsets.UTF_8);
    }
    String plain = named(name.equals("reg-gzip") ? "reg-charset" : "batch-hb-equal", others).body;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(plain.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] line(String text) {
    return (text + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
  }

  private static RecordedExchange read(Path file) {
    try {
      String text = Files.readString(file);
      int mark = text.indexOf(RESPONSE_MARK);
      List<String> request = headOf(mark < 0 ? text : text.substring(0, mark));
      return new RecordedExchange(
          file.getFileName().toString().replace(".http", ""),
          request.get(0),
          request.subList(1, request.size()),
          bodyOf(mark < 0 ? text : text.substring(0, mark), request),
          mark < 0 ? null : response(text.substring(mark + RESPONSE_MARK.length())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RecordedResponse response(String text) {
    if (text.startsWith("HTTP/1.1 100 ")) {
      return response(text.substring(text.indexOf("HTTP/1.1 ", 1)));
    }
    List<String> head = headOf(text);
    Map<String, String> headers = new TreeMap<>();
    for (String header : head.subList(1, head.size())) {
      int colon = header.indexOf(':');
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT),
          header.substring(colon + 1).strip());
    }
    String body = bodyOf(text, head).replaceFirst("^\\[gzip \\d+ bytes] ", "");
    return new RecordedResponse(Integer.parseInt(head.get(0).substring(9, 12)), headers, body);
  }

  /** Returns the lines before the empty one; client and peer requests have none before the body. */
  private static List<String> headOf(String text) {
    return text.lines()
        .takeWhile(line -> !line.isEmpty() && !line.startsWith("{"))
        .toList();
  }

  private static String bodyOf(String text, List<String> head) {
    return text.lines().skip(head.size()).collect(Collectors.joining("\n")).strip();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One recorded exchange of the directory {@code captures}. */
record Capture(String name, Message request, Message response) {
  private static final String RESPONSE_MARK = "\n### RESPONSE\n";

  /** A first line, headers in lower case, and a body. */
  record Message(String firstLine, List<String> headers, String bodyText) {

    String header(String name) {
      return headers.stream()
          .filter(header -> header.startsWith(name + ":"))
          .map(header -> header.substring(name.length() + 1).strip())
          .findFirst()
          .orElse("");
    }

    byte[] body() {
      return bodyText.getBytes(StandardCharsets.UTF_8);
    }
  }

  static List<Capture> all() {
    try (Stream<Path> files = Files.list(Path.of(directory()))) {
      return files
          .filter(file -> file.toString().endsWith(".http"))
          .sorted()
          .map(Capture::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Capture of(String name) {
    return read(Path.of(directory()).resolve(name + ".http"));
  }

  /** Returns the status of the response; 204 for registrations recorded without one. */
  int status() {
    String line = response.firstLine();
    return line.isEmpty() ? 204 : Integer.parseInt(line.replaceFirst("HTTP/1.1 (\\d+).*", "$1"));
  }

  boolean isRegistration() {
    return request.firstLine().matches("POST /eureka/(v2/)?apps/[^/ ]+/? .*");
  }

  boolean isXmlRequest() {
    return request.header("content-type").equals("application/xml");
  }

  /** Returns the application of the request's path. */
  String pathApp() {
    return request.firstLine().replaceFirst(".*/apps/([^/ ]+).*", "$1");
  }

  @Override
  public String toString() {
    return name;
  }

  private static URI directory() {
    try {
      return Capture.class.getResource("/captures").toURI();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Capture read(Path file) {
    try {
      String text = Files.readString(file);
      int mark = text.indexOf(RESPONSE_MARK);
      Message request = message(mark < 0 ? text : text.substring(0, mark));
      Message response = message(mark < 0 ? "" : text.substring(mark + RESPONSE_MARK.length()));
      return new Capture(file.getFileName().toString().replace(".http", ""), request, response);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Message message(String text) {
    List<String> lines = text.lines().toList();
    int count = 0;
    while (count < lines.size()
        && !lines.get(count).isEmpty()
        && !lines.get(count).startsWith("{")) {
      count++;
    }
    List<String> headers = lines.subList(Math.min(1, count), count).stream()
        .map(Capture::lowerName)
        .toList();
    String body = text.lines().skip(count).collect(Collectors.joining("\n"));
    String firstLine = count == 0 ? "" : lines.get(0);
    Message whole = new Message(firstLine, headers, body.replaceFirst("^\n", ""));
    String length = whole.header("content-length");
    return length.isEmpty() ? whole : cut(whole, Integer.parseInt(length));
  }

  private static Message cut(Message whole, int length) {
    String body = new String(Arrays.copyOf(whole.body(), length), StandardCharsets.UTF_8);
    return new Message(whole.firstLine(), whole.headers(), body);
  }

  private static String lowerName(String header) {
    int colon = header.indexOf(':');
    return header.substring(0, colon).toLowerCase(Locale.ROOT) + header.substring(colon);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stands between a client and the node, passes the bytes on as they are, and notes who asked what
 * and was answered how. A connection's answers come in the order of its requests, so counting lines
 * is enough; a document before a line on the same connection does not hide it, as only the end of
 * the line is looked at.
 */
final class WireTap implements AutoCloseable {
  /** One request and the status of its answer. */
  record Exchange(String method, String target, int status) {
    boolean isRegistration() {
      return method.equals("POST");
    }

    boolean isRenewal() {
      return method.equals("PUT");
    }

    boolean isCancellation() {
      return method.equals("DELETE");
    }

    boolean isFullFetch() {
      return method.equals("GET") && target.endsWith("/apps/");
    }

    boolean isDeltaFetch() {
      return method.equals("GET") && target.contains("/apps/delta");
    }

    @Override
    public String toString() {
      return method + " " + target + " -> " + status;
    }
  }

  private static final Pattern REQUEST =
      Pattern.compile("(GET|PUT|POST|DELETE) (/\\S*) HTTP/1\\.1\r$");
  private static final Pattern RESPONSE = Pattern.compile("HTTP/1\\.1 ([2-5]\\d\\d)[^\r]*\r$");
  private static final int LINE_BYTES_MAX = 1 << 20;

  private final int nodePort;
  private final ServerSocket matcher;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<Exchange> exchanges = new CopyOnWriteArrayList<>();

  WireTap(int nodePort) throws IOException {
    this.nodePort = nodePort;
    matcher = new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    start("tap-door", this::accept);
  }

  int port() {
    return matcher.getLocalPort();
  }

  /** What was answered so far, in the order of the answers. */
  List<Exchange> exchanges() {
    return List.copyOf(exchanges);
  }

  @Override
  public void close() throws IOException {
    matcher.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private void accept() {
    while (!matcher.isClosed()) {
      try {
        Socket client = matcher.accept();
        Socket node = new Socket(matcher.getInetAddress(), nodePort);
        sockets.addAll(List.of(client, node));
        Queue<Matcher> requested = new ConcurrentLinkedQueue<>();
        start("tap-asked", () -> pass(client, node, line -> note(requested, line)));
        start("tap-answered", () -> pass(node, client, line -> pair(requested, line)));
      } catch (IOException closed) {
        // The door was closed, or the node was: the client sees no answer, and its test fails.
      }
    }
  }

  private static void note(Queue<Matcher> requested, String line) {
    Matcher request = REQUEST.matcher(line);
    if (request.find()) {
      requested.add(request);
    }
  }

  private void pair(Queue<Matcher> requested, String line) {
    Matcher response = RESPONSE.matcher(line);
    if (response.find()) {
      Matcher request = requested.remove();
      exchanges.add(
          new Exchange(request.group(1), request.group(2), Integer.parseInt(response.group(1))));
    }
  }

  /** Notes before it passes on, so that a request is known before its answer can come. */
  private static void pass(Socket from, Socket to, Consumer<String> lines) {
    byte[] buffer = new byte[16_384];
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        for (int index = 0; index < count; index++) {
          if (buffer[index] == '\n' || line.size() == LINE_BYTES_MAX) {
            lines.accept(line.toString(StandardCharsets.ISO_8859_1));
            line.reset();
          } else {
            line.write(buffer[index]);
          }
        }
        out.write(buffer, 0, count);
      }
    } catch (IOException ended) {
      // One end has gone; closing tells the other.
    }
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}

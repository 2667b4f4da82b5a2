// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A read-only registry with scripted responses. */
final class FakeApps implements AutoCloseable {
  /**
   * A request.
   *
   * @param path with its query, after the base; the whole one if it is not below the base
   * @param headers by name, lower case
   */
  record Request(String path, Map<String, String> headers) {
    boolean isFull() {
      return path.equals("/apps") && !isStream();
    }

    boolean isDelta() {
      return path.startsWith("/apps/delta");
    }

    boolean isStream() {
      return "text/event-stream".equals(headers.get("accept"));
    }

    @Nullable
    String header(String name) {
      return headers.get(name);
    }
  }

  /** Writes a response. */
  interface Script {
    /** Returns whether the connection stays open. */
    boolean response(Request request, OutputStream out) throws IOException;
  }

  private final ServerSocket listener;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Map<Socket, Boolean> sockets = new ConcurrentHashMap<>();
  private volatile Script script;

  FakeApps(Script script) throws IOException {
    this.script = script;
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/v2/");
  }

  void script(Script next) {
    script = next;
  }

  List<Request> requests() {
    return requests;
  }

  List<Request> fulls() {
    return requests.stream().filter(Request::isFull).toList();
  }

  List<Request> deltas() {
    return requests.stream().filter(Request::isDelta).toList();
  }

  List<Request> streams() {
    return requests.stream().filter(Request::isStream).toList();
  }

  /** Returns the number of connections that clients have not closed. */
  int connectionCount() {
    return sockets.size();
  }

  /** Closes all connections and keeps listening. */
  void cut() throws IOException {
    for (Socket socket : sockets.keySet()) {
      socket.close();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut();
  }

  static void send(OutputStream out, int status, byte[] body, String... headers)
      throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " X\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
    out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    out.write(body);
    out.flush();
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "fake-apps");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.put(socket, true);
        if (listener.isClosed()) {
          socket.close();
        }
        start(() -> serve(socket));
      }
    } catch (IOException closed) {
      // Closed by the test.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      boolean staysOpen = true;
      while (staysOpen) {
        Request request = read(in);
        requests.add(request);
        staysOpen = script.response(request, socket.getOutputStream());
      }
    } catch (IOException closed) {
      // Closed by the mirror or by the test.
    } finally {
      sockets.remove(socket);
    }
  }

  private static Request read(InputStream in) throws IOException {
    String target = line(in).split(" ", -1)[1];
    Map<String, String> headers = new TreeMap<>();
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      int colon = header.indexOf(':');
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT),
          header.substring(colon + 1).trim());
    }
    String path = target.startsWith("/v2") ? target.substring("/v2".length()) : target;
    return new Request(path, headers);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("end of the connection");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }
}

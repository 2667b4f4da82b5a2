// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A registry that does as the test tells it; on a port of its own, one thread per connection. */
final class FakeRegistry implements AutoCloseable {
  static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  static final String NO_CONTENT = "HTTP/1.1 204 No Content\r\n\r\n";
  static final String NOT_FOUND = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
  static final String BUSY = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy";

  /** As an answer: none. */
  static final String SILENCE = "";

  /** At the end of an answer: the connection ends here. */
  static final String END = "\u0000";

  /** Accepts registrations and cancels, renews everything. */
  static final Function<Request, String> WILLING =
      request -> request.isRegister() ? NO_CONTENT : OK;

  record Request(String line, String body) {
    boolean isRegister() {
      return line.startsWith("POST ");
    }

    boolean isBeat() {
      return line.startsWith("PUT ");
    }

    boolean isCancel() {
      return line.startsWith("DELETE ");
    }
  }

  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private volatile Function<Request, String> script = WILLING;

  FakeRegistry() throws IOException {
    start(this::accept);
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/v2");
  }

  /** Sets what answers a request, byte for byte as text. */
  void script(Function<Request, String> next) {
    script = next;
  }

  /** Returns all requests so far, in the order of their arrival. */
  List<Request> requests() {
    return requests;
  }

  List<Request> beats() {
    return requests.stream().filter(Request::isBeat).toList();
  }

  List<Request> registers() {
    return requests.stream().filter(Request::isRegister).toList();
  }

  List<Request> cancels() {
    return requests.stream().filter(Request::isCancel).toList();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "fake-registry");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.add(socket);
        start(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed by the test.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (true) {
        Request request = read(in);
        requests.add(request);
        String answer = script.apply(request);
        write(socket.getOutputStream(), answer);
        if (answer.endsWith(END)) {
          return;
        }
      }
    } catch (IOException e) {
      // The client or the test has closed the connection.
    }
  }

  private static void write(OutputStream out, String answer) throws IOException {
    out.write(answer.replace(END, "").getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  private static Request read(InputStream in) throws IOException {
    String line = readLine(in);
    int length = 0;
    String header = readLine(in);
    while (!header.isEmpty()) {
      if (header.startsWith("Content-Length: ")) {
        length = Integer.parseInt(header.substring("Content-Length: ".length()));
      }
      header = readLine(in);
    }
    return new Request(line, new String(in.readNBytes(length), StandardCharsets.UTF_8));
  }

  private static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int c = in.read();
    while (c != '\n') {
      if (c < 0) {
        throw new IOException("end of the connection");
      }
      if (c != '\r') {
        line.append((char) c);
      }
      c = in.read();
    }
    return line.toString();
  }
}

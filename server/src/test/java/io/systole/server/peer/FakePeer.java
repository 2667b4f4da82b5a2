// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Pattern;
import javax.net.ServerSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A peer whose responses are scripted. Without a script it has an empty registry and accepts every
 * item.
 */
final class FakePeer implements AutoCloseable {
  /** A request as received. */
  record FakeRequest(String head, String body) {
    boolean isBatch() {
      return head.startsWith("POST ");
    }

    /** Returns whether it is a batch with items, unlike a probe. */
    boolean hasItems() {
      return isBatch() && itemCount() > 0;
    }

    /** Returns whether it is for a document. */
    boolean isDocument() {
      return head.startsWith("GET ");
    }

    /** Returns whether the response must not have a body. */
    boolean isHead() {
      return head.startsWith("HEAD ");
    }

    int itemCount() {
      return (int) Pattern.compile("\"action\"").matcher(body).results().count();
    }
  }

  /** One response; the connection is closed if it throws. */
  interface Script {
    void respond(FakeRequest request, OutputStream out) throws IOException;
  }

  static final String EMPTY_REGISTRY = """
      {"applications":{"versions__delta":"1","apps__hashcode":"","application":[]}}""";

  /** The scripts of the next batches with items and of the next documents. */
  final BlockingQueue<Script> scripts = new LinkedBlockingQueue<>();

  final List<FakeRequest> requests = new CopyOnWriteArrayList<>();

  /** The script of every request for which there is none in {@link #scripts}. */
  volatile Script otherwise = FakePeer::accept;

  private final ServerSocket server;
  private final List<Socket> open = new CopyOnWriteArrayList<>();

  FakePeer() throws IOException {
    this(ServerSocketFactory.getDefault(), "127.0.0.1", 0);
  }

  FakePeer(ServerSocketFactory sockets, String address, int port) throws IOException {
    server = sockets.createServerSocket(port, 50, InetAddress.getByName(address));
    start(this::acceptAll);
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "fake-peer");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return server.getLocalPort();
  }

  private void acceptAll() {
    try {
      while (true) {
        Socket socket = server.accept();
        open.add(socket);
        start(() -> serve(socket));
      }
    } catch (IOException closed) {
      // The end of the test.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      for (FakeRequest request = read(socket.getInputStream());
          request != null;
          request = read(socket.getInputStream())) {
        boolean isScripted = request.hasItems() || request.isDocument();
        Script script = isScripted ? scripts.poll() : null;
        requests.add(request);
        respond(script == null ? otherwise : script, request, socket.getOutputStream());
      }
    } catch (IOException | UncheckedIOException closed) {
      // By the script or by the node.
    }
  }

  private static void respond(Script script, FakeRequest request, OutputStream out)
      throws IOException {
    if (request.isHead()) {
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      script.respond(request, whole);
      String head =
          whole.toString(StandardCharsets.ISO_8859_1).replaceFirst("(?s)\r\n\r\n.*", "\r\n\r\n");
      out.write(head.getBytes(StandardCharsets.ISO_8859_1));
    } else {
      script.respond(request, out);
    }
    out.flush();
  }

  private static @Nullable FakeRequest read(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        return null;
      }
      head.write(next);
    }
    String text = head.toString(StandardCharsets.ISO_8859_1);
    var length = Pattern.compile("(?i)content-length: (\\d+)").matcher(text);
    byte[] body = in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
    return new FakeRequest(text, new String(body, StandardCharsets.UTF_8));
  }

  /** Accepts every item; responds to others with an empty registry. */
  static void accept(FakeRequest request, OutputStream out) throws IOException {
    write(out, 200, "", request.isBatch() ? results(request.itemCount()) : EMPTY_REGISTRY);
  }

  /** Returns a script that responds with a status and no body. */
  static Script status(int status) {
    return (request, out) -> write(out, status, "", "");
  }

  /** Returns the body of a response in which all items are accepted. */
  static String results(int count) {
    return "{\"responseList\":["
        + String.join(",", Collections.nCopies(count, "{\"statusCode\":200}")) + "]}";
  }

  /** @param fields complete lines of further header fields */
  static void write(OutputStream out, int status, String fields, String body) throws IOException {
    write(out, status, fields, body.getBytes(StandardCharsets.UTF_8));
  }

  static void write(OutputStream out, int status, String fields, byte[] body) throws IOException {
    String head = "HTTP/1.1 " + status + " x\r\n" + fields
        + "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n";
    out.write(head.getBytes(StandardCharsets.ISO_8859_1));
    out.write(body);
    out.flush();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}

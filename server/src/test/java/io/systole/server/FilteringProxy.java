// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
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
import java.util.concurrent.CopyOnWriteArrayList;

/** A proxy whose node can be replaced, and that may remove a header field from responses. */
final class FilteringProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile int nodePort;
  private volatile String removed = "";

  FilteringProxy(int nodePort) throws IOException {
    this.nodePort = nodePort;
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/v2");
  }

  /** Closes all connections, and connects new ones to this node. */
  void use(int port) throws IOException {
    nodePort = port;
    for (Socket socket : sockets) {
      socket.close();
    }
    sockets.clear();
  }

  /** Removes a field from responses from now on. */
  void remove(String name) {
    removed = name.toLowerCase(Locale.ROOT) + ":";
  }

  @Override
  public void close() throws IOException {
    listener.close();
    use(0);
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "filtering-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket node;
        try {
          node = new Socket(InetAddress.getLoopbackAddress(), nodePort);
        } catch (IOException refused) {
          client.close();
          continue;
        }
        sockets.addAll(List.of(client, node));
        client.setTcpNoDelay(true);
        node.setTcpNoDelay(true);
        start(() -> copyRequests(client, node));
        start(() -> copyResponses(node, client));
      }
    } catch (IOException closed) {
      // By the test.
    }
  }

  private static void copyRequests(Socket client, Socket node) {
    try (client;
        node) {
      client.getInputStream().transferTo(node.getOutputStream());
    } catch (IOException closed) {
      // By one of the sides, or by the test.
    }
  }

  /** Copies responses that have no body or a {@code Content-Length}. */
  private void copyResponses(Socket node, Socket client) {
    try (node;
        client) {
      InputStream in = new BufferedInputStream(node.getInputStream(), 1 << 16);
      OutputStream out = new BufferedOutputStream(client.getOutputStream(), 1 << 16);
      int bodyBytes = 0;
      for (byte[] line = nextLine(in); line.length > 0; line = nextLine(in)) {
        String field = new String(line, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        if (removed.isEmpty() || !field.startsWith(removed)) {
          out.write(line);
        }
        if (field.startsWith("content-length:")) {
          bodyBytes =
              Integer.parseInt(field.substring("content-length:".length()).strip());
        }
        if (field.equals("\r\n")) {
          out.write(in.readNBytes(bodyBytes));
          bodyBytes = 0;
          if (in.available() == 0) {
            out.flush();
          }
        }
      }
    } catch (IOException closed) {
      // By one of the sides, or by the test.
    }
  }

  /** Returns the next line with its end; what precedes the end of the stream, if that is next. */
  private static byte[] nextLine(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0; next = in.read()) {
      line.write(next);
      if (next == '\n') {
        break;
      }
    }
    return line.toByteArray();
  }
}

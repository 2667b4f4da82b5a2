// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLServerSocket;

/** A server for fake targets on a loopback port, with one thread per connection. */
public final class SocketServer implements AutoCloseable {
  /** A handler of connections; called on a thread of the connection. */
  public interface ConnectionHandler {
    /** Serves a connection and closes it; an exception means that the other side closed it. */
    void serve(Socket socket) throws IOException;
  }

  /** The head of a request whose body was skipped. */
  public record RequestHead(String line, List<String> headers, int bodyBytes) {}

  private static final int BACKLOG = 200;
  private static final String LENGTH = "Content-Length:";

  private final ServerSocket listener;
  private final ConnectionHandler handler;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  public SocketServer(ConnectionHandler handler) throws IOException {
    this(new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()), handler);
  }

  /** @param listener plain or TLS */
  public SocketServer(ServerSocket listener, ConnectionHandler handler) {
    this.listener = listener;
    this.handler = handler;
    start("socket-server", this::accept);
  }

  /** Starts a daemon thread. */
  static void start(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Returns the service URL. */
  public URI url() {
    String scheme = listener instanceof SSLServerSocket ? "https" : "http";
    return URI.create(scheme + "://127.0.0.1:" + listener.getLocalPort() + "/v2");
  }

  /** Closes the listener and all connections. */
  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.add(socket);
        if (listener.isClosed()) {
          // Accepted while close() iterated over the others.
          socket.close();
        }
        start("socket-server-connection", () -> serve(socket));
      }
    } catch (IOException e) {
      // Closed by the test.
    }
  }

  private void serve(Socket socket) {
    try {
      socket.setTcpNoDelay(true);
      handler.serve(socket);
    } catch (IOException e) {
      // The client or the test has closed the connection.
    }
  }

  /** Reads a whole request; throws at the end of the stream. */
  public static RequestHead readRequest(InputStream in) throws IOException {
    String line = readLine(in);
    List<String> headers = new ArrayList<>();
    int length = 0;
    for (String header = readLine(in); !header.isEmpty(); header = readLine(in)) {
      headers.add(header);
      if (header.regionMatches(true, 0, LENGTH, 0, LENGTH.length())) {
        length = Integer.parseInt(header.substring(LENGTH.length()).strip());
      }
    }
    in.skipNBytes(length);
    return new RequestHead(line, headers, length);
  }

  private static String readLine(InputStream in) throws IOException {
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

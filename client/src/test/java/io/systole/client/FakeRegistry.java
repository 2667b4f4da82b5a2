// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static org.awaitility.Awaitility.await;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A registry with scripted responses, on its own port with one thread per connection. */
final class FakeRegistry implements AutoCloseable {
  static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  static final String NO_CONTENT = "HTTP/1.1 204 No Content\r\n\r\n";
  static final String NOT_FOUND = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
  static final String BUSY = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy";

  /**
   * The last character of a response that closes the connection. Not a character of ISO-8859-1,
   * whose characters stand for the bytes of a response.
   */
  static final String END = "\u2404";

  static final String OK_AND_CLOSE =
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" + END;
  static final String NO_CONTENT_AND_CLOSE =
      "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n" + END;

  private static final String FRAME_LINE = "POST /v2/renewals HTTP/1.1";

  /** A script result for no response. */
  static final String SILENCE = "";

  /** Accepts registrations and cancels, renews every lease. */
  static final Function<Request, String> ACCEPTING =
      request -> request.isRegister() ? NO_CONTENT : OK;

  /**
   * One request.
   *
   * @param authorization the value of that header, or empty
   * @param requestsHandle whether it has the field {@code Systole-Lease}
   * @param body as text; of a renewal frame, each character is a byte
   */
  record Request(String line, String authorization, boolean requestsHandle, String body) {
    boolean isRegister() {
      return line.startsWith("POST ") && !isFrame();
    }

    boolean isFrame() {
      return line.equals(FRAME_LINE);
    }

    boolean isBeat() {
      return line.startsWith("PUT ");
    }

    boolean isCancel() {
      return line.startsWith("DELETE ");
    }

    boolean isForMembers() {
      return line.equals("GET /systole/members HTTP/1.1");
    }
  }

  private final @Nullable SSLContext tls;
  private final ReservedPort port = new ReservedPort();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final List<String> clients = new CopyOnWriteArrayList<>();
  private final List<Request> memberRequests = new CopyOnWriteArrayList<>();
  private final List<Long> memberRequestsNs = new CopyOnWriteArrayList<>();
  private volatile Function<Request, String> script = ACCEPTING;
  private volatile String members = NOT_FOUND;
  private volatile ServerSocket listener;

  FakeRegistry() throws IOException {
    this(null);
  }

  /** @param tls context for https, or null; client certificates are requested but not required */
  FakeRegistry(@Nullable SSLContext tls) throws IOException {
    this.tls = tls;
    listener = listen();
  }

  /** Listens again on the same port, after {@link #stop}. */
  void reopen() throws IOException {
    listener = listen();
  }

  private ServerSocket listen() throws IOException {
    ServerSocket opened = tls == null
        ? new ServerSocket(port.number(), 50, InetAddress.getLoopbackAddress())
        : secure(tls, port.number());
    start(() -> accept(opened));
    return opened;
  }

  private static ServerSocket secure(SSLContext tls, int at) throws IOException {
    var opened = (SSLServerSocket)
        tls.getServerSocketFactory().createServerSocket(at, 50, InetAddress.getLoopbackAddress());
    opened.setWantClientAuth(true);
    return opened;
  }

  URI url() {
    return URI.create((tls == null ? "http" : "https") + "://127.0.0.1:" + port.number() + "/v2");
  }

  /** Sets the function that returns the response to a request, as text. */
  void script(Function<Request, String> next) {
    script = next;
  }

  /**
   * Sets the response to requests for the members of a native cluster; at first 404. These requests
   * are neither in {@link #requests()} nor passed to the script.
   */
  void members(String response) {
    members = response;
  }

  /** Has these registries listed as the members of a native cluster. */
  void members(FakeRegistry... listed) {
    String list = Arrays.stream(listed)
        .map(member -> "{\"name\":\"m\",\"url\":\"" + member.url() + "/\"}")
        .collect(Collectors.joining(",", "{\"members\":[", "]}"));
    members(ok(list));
  }

  static String ok(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }

  /** Returns all requests for the members of a native cluster. */
  List<Request> memberRequests() {
    return memberRequests;
  }

  /** Returns when these requests arrived, by the monotonic clock. */
  List<Long> memberRequestsNs() {
    return memberRequestsNs;
  }

  /** Returns all requests so far, in the order of their arrival. */
  List<Request> requests() {
    return requests;
  }

  /** Returns the names in the client certificates, one per request. */
  List<String> clients() {
    return clients;
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

  /** Returns the number of connections that are served. */
  int connectionCount() {
    return sockets.size();
  }

  /** Closes all connections and stops listening. */
  void stop() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  /** Closes the open connections, and returns once none of their requests is handled any more. */
  void disconnect() throws IOException {
    List<Socket> open = List.copyOf(sockets);
    for (Socket socket : open) {
      socket.close();
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> open.stream().noneMatch(sockets::contains));
  }

  @Override
  public void close() throws IOException {
    stop();
    port.close();
  }

  /** Stops listening; open connections are served until the script closes them. */
  void drain() throws IOException {
    listener.close();
  }

  /** Resets all connections and stops listening, as a crash of the machine would. */
  void abort() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      if (!socket.isClosed()) {
        socket.setSoLinger(true, 0);
        socket.close();
      }
    }
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "fake-registry");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept(ServerSocket opened) {
    try {
      while (true) {
        Socket socket = opened.accept();
        sockets.add(socket);
        if (opened.isClosed()) {
          // Accepted while stop() was closing the others.
          socket.close();
        }
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
        if (request.isForMembers()) {
          memberRequestsNs.add(System.nanoTime());
          memberRequests.add(request);
          write(socket.getOutputStream(), members);
          if (members.endsWith(END)) {
            return;
          }
          continue;
        }
        if (socket instanceof SSLSocket secured) {
          clients.add(clientOf(secured));
        }
        requests.add(request);
        String response = script.apply(request);
        write(socket.getOutputStream(), response);
        if (response.endsWith(END)) {
          // Closing with unread requests would reset the connection and discard the response.
          socket.shutdownOutput();
          in.transferTo(OutputStream.nullOutputStream());
          return;
        }
      }
    } catch (IOException e) {
      // The client or the test has closed the connection.
    } finally {
      sockets.remove(socket);
    }
  }

  private static String clientOf(SSLSocket socket) {
    try {
      return socket.getSession().getPeerPrincipal().getName();
    } catch (SSLPeerUnverifiedException e) {
      return "anonymous";
    }
  }

  private static void write(OutputStream out, String response) throws IOException {
    out.write(response.replace(END, "").getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  private static Request read(InputStream in) throws IOException {
    String line = readLine(in);
    String authorization = "";
    boolean requestsHandle = false;
    int length = 0;
    String header = readLine(in);
    while (!header.isEmpty()) {
      if (header.startsWith("Content-Length: ")) {
        length = Integer.parseInt(header.substring("Content-Length: ".length()));
      } else if (header.startsWith("Authorization: ")) {
        authorization = header.substring("Authorization: ".length());
      } else if (header.startsWith("Systole-Lease: ")) {
        requestsHandle = true;
      }
      header = readLine(in);
    }
    Charset charset =
        line.equals(FRAME_LINE) ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8;
    return new Request(
        line, authorization, requestsHandle, new String(in.readNBytes(length), charset));
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

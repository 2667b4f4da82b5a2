// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * A registry that accepts every instance and treats heartbeats as the test says; on a port of its
 * own, one thread per connection.
 */
public final class FakeTarget implements AutoCloseable {
  /** What becomes of a heartbeat. */
  public enum Manner {
    RENEWS,
    RESPONSES_404,
    /** Of four heartbeats, the first is not known. */
    RESPONSES_404_AT_TIMES,
    RESPONSES_500,
    RESPONSES_GARBAGE,
    CLOSES,
    NEVER_RESPONSES,
    /** Byte by byte, {@link #DRIP_MS} apart. */
    DRIPS,
    /** Nothing is answered for {@link #STALL_MS} of each {@link #STALL_EVERY_MS}. */
    STALLS
  }

  public static final int DRIP_MS = 5;
  public static final int STALL_MS = 100;
  public static final int STALL_EVERY_MS = 1_000;

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  private static final String NO_CONTENT = "HTTP/1.1 204 No Content\r\n\r\n";
  private static final String NOT_FOUND = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
  private static final String ERROR = "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n";
  private static final String GARBAGE = "\u0007\u0007 what is this\r\n\r\n";

  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final long startNs = System.nanoTime();
  private final AtomicInteger beats = new AtomicInteger();
  private final AtomicLong renewals = new AtomicLong();
  private final AtomicInteger requested = new AtomicInteger();
  private final AtomicLong published = new AtomicLong();
  private final AtomicInteger registrations = new AtomicInteger();
  private volatile Manner manner;
  private volatile boolean isForgetful;
  private volatile int deltaStatus = 404;
  private final AtomicInteger deltaReads = new AtomicInteger();
  private final AtomicInteger bodyBytesMax = new AtomicInteger();
  private final Set<String> registered = ConcurrentHashMap.newKeySet();
  private final Set<String> sources = ConcurrentHashMap.newKeySet();
  private final AtomicInteger full = new AtomicInteger();
  private final AtomicInteger resumed = new AtomicInteger();

  public FakeTarget(Manner manner) throws IOException {
    this(manner, new ServerSocket(0, 200, InetAddress.getLoopbackAddress()));
  }

  /** @param listener perhaps one that speaks TLS */
  public FakeTarget(Manner manner, ServerSocket listener) {
    this.manner = manner;
    this.listener = listener;
    start(this::accept);
  }

  /** Answers reads of deltas with this status from now on; 404 until then. */
  public void deltaStatus(int status) {
    deltaStatus = status;
  }

  /** Returns how many deltas were read. */
  public int deltaReads() {
    return deltaReads.get();
  }

  /** Returns the bytes of the largest request body. */
  public int bodyBytesMax() {
    return bodyBytesMax.get();
  }

  /** Returns the first lines of the registrations, each once. */
  public Set<String> registered() {
    return registered;
  }

  /** Returns the addresses that heartbeats came from. */
  public Set<String> sources() {
    return sources;
  }

  /** Returns how many TLS handshakes were full, and how many resumed a session. */
  public int handshakes(boolean isResumed) {
    return isResumed ? resumed.get() : full.get();
  }

  public void manner(Manner next) {
    manner = next;
  }

  public URI url() {
    String scheme = listener instanceof SSLServerSocket ? "https" : "http";
    return URI.create(scheme + "://127.0.0.1:" + listener.getLocalPort() + "/v2");
  }

  /** Returns how often its metrics were asked for. */
  public int requested() {
    return requested.get();
  }

  /** Returns the count of renewals that its metrics told last. */
  public long published() {
    return published.get();
  }

  /** Returns how many heartbeats it has renewed. */
  public long renewals() {
    return renewals.get();
  }

  /** Returns how many registrations it has accepted. */
  public int registrations() {
    return registrations.get();
  }

  /** Tells a count of 0 from now on, as a process does that was started a moment ago. */
  public void forgetCount() {
    isForgetful = true;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "fake-target");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.add(socket);
        if (listener.isClosed()) {
          // It came in while close() went through the others.
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
      if (socket instanceof SSLSocket tls) {
        shakeHands(tls);
      }
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      while (response(read(in, bodyBytesMax), socket, out)) {
        // The next request.
      }
    } catch (IOException e) {
      // The client or the test has closed the connection.
    }
  }

  /** A session that is older than its connection was resumed. */
  private void shakeHands(SSLSocket tls) throws IOException {
    long beforeMs = System.currentTimeMillis();
    tls.startHandshake();
    boolean isResumed = tls.getSession().getCreationTime() < beforeMs;
    (isResumed ? resumed : full).incrementAndGet();
  }

  /** Returns false when the connection is to end. */
  private boolean response(String line, Socket socket, OutputStream out) throws IOException {
    if (line.startsWith("PUT ")) {
      sources.add(socket.getInetAddress().getHostAddress());
      return responseBeat(out);
    }
    if (line.startsWith("GET /metrics ")) {
      long count = isForgetful ? 0 : renewals.get();
      published.set(count);
      requested.incrementAndGet();
      String text = "systole_registry_renewals_total{outcome=\"renewed\"} " + count + "\n";
      write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
    } else if (line.startsWith("POST ")) {
      registrations.incrementAndGet();
      registered.add(line);
      write(out, NO_CONTENT);
    } else if (line.startsWith("GET /v2/apps/delta ")) {
      deltaReads.incrementAndGet();
      write(out, "HTTP/1.1 " + deltaStatus + " So\r\nContent-Length: 2\r\n\r\n{}");
    } else {
      write(out, line.startsWith("DELETE ") ? OK : NOT_FOUND);
    }
    return true;
  }

  private boolean responseBeat(OutputStream out) throws IOException {
    switch (manner) {
      case RENEWS -> renew(out);
      case RESPONSES_404 -> write(out, NOT_FOUND);
      case RESPONSES_404_AT_TIMES -> {
        if (beats.getAndIncrement() % 4 == 0) {
          write(out, NOT_FOUND);
        } else {
          renew(out);
        }
      }
      case RESPONSES_500 -> write(out, ERROR);
      case RESPONSES_GARBAGE -> write(out, GARBAGE);
      case CLOSES -> {
        return false;
      }
      case NEVER_RESPONSES -> {}
      case DRIPS -> drip(out);
      case STALLS -> {
        awaitEndOfStall();
        renew(out);
      }
    }
    return true;
  }

  private void renew(OutputStream out) throws IOException {
    renewals.incrementAndGet();
    write(out, OK);
  }

  private void drip(OutputStream out) throws IOException {
    renewals.incrementAndGet();
    for (int index = 0; index < OK.length(); index++) {
      pass(TimeUnit.MILLISECONDS.toNanos(DRIP_MS));
      write(out, OK.substring(index, index + 1));
    }
  }

  private void awaitEndOfStall() {
    long everyNs = TimeUnit.MILLISECONDS.toNanos(STALL_EVERY_MS);
    long intoNs = (System.nanoTime() - startNs) % everyNs;
    pass(TimeUnit.MILLISECONDS.toNanos(STALL_MS) - intoNs);
  }

  private static void pass(long ns) {
    long endNs = System.nanoTime() + ns;
    for (long leftNs = ns; leftNs > 0; leftNs = endNs - System.nanoTime()) {
      LockSupport.parkNanos(leftNs);
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  /** Reads a whole request; returns its first line. */
  static String read(InputStream in) throws IOException {
    return read(in, new AtomicInteger());
  }

  private static String read(InputStream in, AtomicInteger bodyBytesMax) throws IOException {
    String line = readLine(in);
    int length = 0;
    String header = readLine(in);
    while (!header.isEmpty()) {
      if (header.regionMatches(true, 0, "Content-Length:", 0, 15)) {
        length = Integer.parseInt(header.substring(15).strip());
      }
      header = readLine(in);
    }
    in.skipNBytes(length);
    bodyBytesMax.accumulateAndGet(length, Math::max);
    return line;
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

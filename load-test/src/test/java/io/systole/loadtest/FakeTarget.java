// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
import javax.net.ssl.SSLSocket;

/** A fake registry that accepts every instance and responds to heartbeats as the test requires. */
public final class FakeTarget implements AutoCloseable {
  /** The responses to heartbeats. */
  public enum Behavior {
    RENEWS,
    RETURNS_404,
    /** Status 404 for one in four heartbeats. */
    RETURNS_404_SOMETIMES,
    RETURNS_500,
    RETURNS_GARBAGE,
    CLOSES,
    NEVER_RESPONDS,
    /** Responds byte by byte, {@link #DRIP_MS} apart. */
    DRIPS,
    /** Does not respond for {@link #STALL_MS} of each {@link #STALL_EVERY_MS}. */
    STALLS
  }

  public static final int DRIP_MS = 5;
  public static final int STALL_MS = 100;
  public static final int STALL_EVERY_MS = 500;

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  private static final String NO_CONTENT = "HTTP/1.1 204 No Content\r\n\r\n";
  private static final String NOT_FOUND = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
  private static final String ERROR = "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n";
  private static final String GARBAGE = "\u0007\u0007 garbage\r\n\r\n";

  private final SocketServer server;
  private final long startNs = System.nanoTime();
  private final AtomicInteger beats = new AtomicInteger();
  private final AtomicLong renewals = new AtomicLong();
  private final AtomicInteger metricsRequests = new AtomicInteger();
  private final AtomicLong published = new AtomicLong();
  private final AtomicInteger registrations = new AtomicInteger();
  private volatile Behavior behavior;
  private volatile boolean isCountReset;
  private volatile int deltaStatus = 404;
  private final AtomicInteger deltaReads = new AtomicInteger();
  private final AtomicInteger bodyBytesMax = new AtomicInteger();
  private final Set<String> registered = ConcurrentHashMap.newKeySet();
  private final Set<String> sources = ConcurrentHashMap.newKeySet();
  private final AtomicInteger full = new AtomicInteger();
  private final AtomicInteger resumed = new AtomicInteger();

  public FakeTarget(Behavior behavior) throws IOException {
    this.behavior = behavior;
    server = new SocketServer(this::serve);
  }

  /** @param listener plain or TLS */
  public FakeTarget(Behavior behavior, ServerSocket listener) {
    this.behavior = behavior;
    server = new SocketServer(listener, this::serve);
  }

  /** Sets the status of delta reads; 404 by default. */
  public void deltaStatus(int status) {
    deltaStatus = status;
  }

  /** Returns the number of delta reads. */
  public int deltaReads() {
    return deltaReads.get();
  }

  /** Returns the size of the largest request body. */
  public int bodyBytesMax() {
    return bodyBytesMax.get();
  }

  /** Returns the distinct request lines of the registrations. */
  public Set<String> registered() {
    return registered;
  }

  /** Returns the source addresses of heartbeats. */
  public Set<String> sources() {
    return sources;
  }

  /** Returns the number of resumed or full TLS handshakes. */
  public int handshakes(boolean isResumed) {
    return isResumed ? resumed.get() : full.get();
  }

  public void behavior(Behavior next) {
    behavior = next;
  }

  public URI url() {
    return server.url();
  }

  /** Returns the number of requests for its metrics. */
  public int metricsRequests() {
    return metricsRequests.get();
  }

  /** Returns the renewal count last published. */
  public long published() {
    return published.get();
  }

  /** Returns the number of renewed heartbeats. */
  public long renewals() {
    return renewals.get();
  }

  /** Returns the number of accepted registrations. */
  public int registrations() {
    return registrations.get();
  }

  /** Publishes a renewal count of 0 from now on, like a restarted process. */
  public void resetCount() {
    isCountReset = true;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  private void serve(Socket socket) throws IOException {
    try (socket) {
      if (socket instanceof SSLSocket tls) {
        handshake(tls);
      }
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      boolean isOpen = true;
      while (isOpen) {
        SocketServer.RequestHead request = SocketServer.readRequest(in);
        bodyBytesMax.accumulateAndGet(request.bodyBytes(), Math::max);
        isOpen = respond(request.line(), socket, out);
      }
    }
  }

  /** Counts the handshake; a session older than its connection was resumed. */
  private void handshake(SSLSocket tls) throws IOException {
    long beforeMs = System.currentTimeMillis();
    tls.startHandshake();
    boolean isResumed = tls.getSession().getCreationTime() < beforeMs;
    (isResumed ? resumed : full).incrementAndGet();
  }

  /** Returns false to close the connection. */
  private boolean respond(String line, Socket socket, OutputStream out) throws IOException {
    if (line.startsWith("PUT ")) {
      sources.add(socket.getInetAddress().getHostAddress());
      return respondToBeat(out);
    }
    if (line.startsWith("GET /metrics ")) {
      long count = isCountReset ? 0 : renewals.get();
      published.set(count);
      metricsRequests.incrementAndGet();
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

  private boolean respondToBeat(OutputStream out) throws IOException {
    switch (behavior) {
      case RENEWS -> renew(out);
      case RETURNS_404 -> write(out, NOT_FOUND);
      case RETURNS_404_SOMETIMES -> {
        if (beats.getAndIncrement() % 4 == 0) {
          write(out, NOT_FOUND);
        } else {
          renew(out);
        }
      }
      case RETURNS_500 -> write(out, ERROR);
      case RETURNS_GARBAGE -> write(out, GARBAGE);
      case CLOSES -> {
        return false;
      }
      case NEVER_RESPONDS -> {}
      case DRIPS -> drip(out);
      case STALLS -> {
        awaitStallEnd();
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
      park(TimeUnit.MILLISECONDS.toNanos(DRIP_MS));
      write(out, OK.substring(index, index + 1));
    }
  }

  private void awaitStallEnd() {
    long everyNs = TimeUnit.MILLISECONDS.toNanos(STALL_EVERY_MS);
    long intoNs = (System.nanoTime() - startNs) % everyNs;
    park(TimeUnit.MILLISECONDS.toNanos(STALL_MS) - intoNs);
  }

  private static void park(long ns) {
    long endNs = System.nanoTime() + ns;
    for (long leftNs = ns; leftNs > 0; leftNs = endNs - System.nanoTime()) {
      LockSupport.parkNanos(leftNs);
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }
}

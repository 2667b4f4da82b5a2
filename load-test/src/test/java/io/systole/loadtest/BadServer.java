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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A registry with a known defect that keeps its own books: which heartbeat came when, and when it
 * was answered with what. Its figures come from its own counters and clock, never from the load
 * test's, so the one can be held against the other.
 *
 * <p>Each connection has a thread that reads requests and one that writes each response at its
 * time, so that requests on one connection are served concurrently and answered in order.
 */
public final class BadServer implements AutoCloseable {
  /**
   * What becomes of one heartbeat.
   *
   * @param atNs when it is answered, monotonic; the past means at once
   * @param status of the answer; {@link #CLOSE} closes the connection instead
   */
  public record Fate(long atNs, int status) {}

  /** Decides on each heartbeat; called by one thread at a time. */
  public interface Defect {
    /**
     * Returns what becomes of it.
     *
     * @param index of the heartbeat, from 0
     */
    Fate of(long index, long arrivedNs);
  }

  /** Instead of a status: the connection ends. */
  public static final int CLOSE = 0;

  /** Few enough for a fleet to take longer than its interval. */
  private static final int REGISTRATIONS_PER_SEC = 2_000;

  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int NO_CONTENT = 204;

  private record Answer(Fate fate, String body, long arrivedNs, boolean isBeat) {}

  /** One heartbeat in the books. */
  private record Entry(long answeredNs, long tookNs, int status) {}

  private final ServerSocket listener;
  private final Defect defect;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<Entry> books = new ConcurrentLinkedQueue<>();
  private final Map<String, Integer> registered = new ConcurrentHashMap<>();
  private final AtomicLong renewals = new AtomicLong();
  private final AtomicLong discarded = new AtomicLong();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger timesIdle = new AtomicInteger();
  private final Defect registrations = cap(REGISTRATIONS_PER_SEC);
  private volatile long lastRegisteredNs;
  private volatile long firstArrivedNs;
  private long arrived;

  public BadServer(Defect defect) throws IOException {
    this.defect = defect;
    listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  /** Returns a defect by which every heartbeat takes as long, however many there are. */
  public static Defect delay(long ms) {
    return (index, arrivedNs) -> new Fate(arrivedNs + TimeUnit.MILLISECONDS.toNanos(ms), OK);
  }

  /** Returns a defect by which so many are answered per second and the others wait in line. */
  public static Defect cap(int perSec) {
    long eachNs = TimeUnit.SECONDS.toNanos(1) / perSec;
    AtomicLong freeNs = new AtomicLong(System.nanoTime());
    return (index, arrivedNs) ->
        new Fate(freeNs.updateAndGet(ns -> Math.max(ns, arrivedNs) + eachNs), OK);
  }

  /** Returns a defect by which nothing is answered before a time that the test sets. */
  public static Defect stall(AtomicLong untilNs) {
    return (index, arrivedNs) -> new Fate(Math.max(arrivedNs, untilNs.get()), OK);
  }

  /** Returns a defect by which every so many is answered 404. */
  public static Defect forgets(int every) {
    return (index, arrivedNs) -> new Fate(arrivedNs, index % every == every - 1 ? NOT_FOUND : OK);
  }

  /** Returns a defect by which every so many closes its connection instead of an answer. */
  public static Defect closes(int every) {
    return (index, arrivedNs) -> new Fate(arrivedNs, index % every == every - 1 ? CLOSE : OK);
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/v2");
  }

  /** Returns the heartbeats it has answered with a status. */
  public long answered(int status) {
    return books.stream().filter(entry -> entry.status == status).count();
  }

  /** Returns the heartbeats that came and were never answered. */
  public long unanswered() {
    return answered(CLOSE) + discarded.get();
  }

  /** Returns the heartbeats it has answered per second, first to last. */
  public double perSec() {
    List<Long> times = books.stream().map(Entry::answeredNs).sorted().toList();
    double ns = times.get(times.size() - 1) - times.get(0);
    return (times.size() - 1) / ns * TimeUnit.SECONDS.toNanos(1);
  }

  /** Returns the time that so many percent of the heartbeats took here at most, ms. */
  public double tookMs(double percent) {
    List<Long> times = books.stream().map(Entry::tookNs).sorted().toList();
    int index = (int) Math.ceil(percent / 100 * times.size()) - 1;
    return times.get(Math.max(0, index)) / 1e6;
  }

  /** Returns the registrations of each application. */
  public Map<String, Integer> registered() {
    return new TreeMap<>(registered);
  }

  /** Returns whether no heartbeat came before the last registration was accepted. */
  public boolean wasRegisteredAtRest() {
    return firstArrivedNs - lastRegisteredNs > 0;
  }

  /** Returns how often it had answered every heartbeat that had come. */
  public int timesIdle() {
    return timesIdle.get();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "bad-server");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.add(socket);
        if (listener.isClosed()) {
          socket.close();
        }
        var responses = new LinkedBlockingQueue<Answer>();
        start(() -> read(socket, responses));
        start(() -> write(socket, responses));
      }
    } catch (IOException e) {
      // Closed by the test.
    }
  }

  private void read(Socket socket, LinkedBlockingQueue<Answer> responses) {
    try {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      boolean isOpen = true;
      while (true) {
        String line = FakeTarget.read(in);
        // What comes after the request that closes the connection is read and not answered.
        if (isOpen) {
          Answer response = response(line);
          isOpen = response.fate.status != CLOSE;
          responses.add(response);
        } else if (line.startsWith("PUT ")) {
          discarded.incrementAndGet();
        }
      }
    } catch (IOException e) {
      responses.add(new Answer(new Fate(0, CLOSE), "", 0, false));
    }
  }

  private Answer response(String line) {
    long nowNs = System.nanoTime();
    if (line.startsWith("PUT ")) {
      return new Answer(next(nowNs), "", nowNs, true);
    }
    if (line.startsWith("POST ")) {
      String path = line.split(" ", 3)[1];
      registered.merge(path.substring(path.lastIndexOf('/') + 1), 1, Integer::sum);
      return new Answer(new Fate(registrations.of(0, nowNs).atNs, NO_CONTENT), "", nowNs, false);
    }
    String body = line.startsWith("GET /metrics ")
        ? "systole_registry_renewals_total{outcome=\"renewed\"} " + renewals + "\n"
        : "";
    return new Answer(new Fate(nowNs, OK), body, nowNs, false);
  }

  private synchronized Fate next(long arrivedNs) {
    open.incrementAndGet();
    firstArrivedNs = arrived == 0 ? arrivedNs : firstArrivedNs;
    return defect.of(arrived++, arrivedNs);
  }

  private void write(Socket socket, LinkedBlockingQueue<Answer> responses) {
    try {
      OutputStream out = socket.getOutputStream();
      List<Answer> ready = new ArrayList<>();
      while (true) {
        ready.add(responses.take());
        awaitTime(ready.get(0).fate.atNs);
        Answer next = responses.peek();
        while (next != null && next.fate.atNs - System.nanoTime() <= 0) {
          ready.add(responses.remove());
          next = responses.peek();
        }
        if (ready.stream().anyMatch(response -> response.fate.status == NO_CONTENT)) {
          lastRegisteredNs = System.nanoTime();
        }
        if (!write(ready, out)) {
          // The other side reads the answers before the end; what it still sends is read.
          socket.shutdownOutput();
          return;
        }
        ready.clear();
      }
    } catch (IOException | InterruptedException e) {
      // The client or the test has closed the connection.
    }
  }

  /** Returns false when the connection is to end. */
  private boolean write(List<Answer> ready, OutputStream out) throws IOException {
    StringBuilder text = new StringBuilder();
    boolean isOpen = true;
    for (Answer response : ready) {
      isOpen &= response.fate.status != CLOSE;
      if (isOpen) {
        text.append(text(response));
      }
      if (response.isBeat) {
        enter(response);
      }
    }
    out.write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    return isOpen;
  }

  private void enter(Answer response) {
    long nowNs = System.nanoTime();
    books.add(new Entry(nowNs, nowNs - response.arrivedNs, response.fate.status));
    renewals.addAndGet(response.fate.status == OK ? 1 : 0);
    if (open.decrementAndGet() == 0) {
      timesIdle.incrementAndGet();
    }
  }

  private static String text(Answer response) {
    int status = response.fate.status;
    String length =
        status == NO_CONTENT ? "" : "Content-Length: " + response.body.length() + "\r\n";
    return "HTTP/1.1 " + status + " -\r\n" + length + "\r\n" + response.body;
  }

  private static void awaitTime(long ns) {
    for (long leftNs = ns - System.nanoTime(); leftNs > 0; leftNs = ns - System.nanoTime()) {
      LockSupport.parkNanos(leftNs);
    }
  }
}

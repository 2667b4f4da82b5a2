// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A registry with a known defect that logs the arrival and response of each heartbeat. Its figures
 * are independent of the load test's, so that both can be compared.
 *
 * <p>Each connection has a thread that reads requests and one that writes each response at its
 * time, so that requests on one connection are served concurrently and answered in order.
 */
public final class FaultyServer implements AutoCloseable {
  /**
   * The response to one heartbeat.
   *
   * @param atNs time of the response, monotonic; at once if in the past
   * @param status of the response; {@link #CLOSE} closes the connection instead
   */
  public record Plan(long atNs, int status) {}

  /** A decision about each heartbeat; called by one thread at a time. */
  public interface Defect {
    /**
     * Returns the response.
     *
     * @param index of the heartbeat, from 0
     */
    Plan of(long index, long arrivedNs);
  }

  /** Pseudo status that closes the connection. */
  public static final int CLOSE = 0;

  /** Low enough for a fleet to register for longer than its interval. */
  private static final int REGISTRATIONS_PER_SEC = 2_000;

  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int NO_CONTENT = 204;

  private record Response(Plan plan, String body, long arrivedNs, boolean isBeat) {}

  /** A logged heartbeat. */
  private record Entry(long answeredNs, long tookNs, int status) {}

  private final SocketServer server;
  private final Defect defect;
  private final ConcurrentLinkedQueue<Entry> log = new ConcurrentLinkedQueue<>();
  private final Map<String, Integer> registered = new ConcurrentHashMap<>();
  private final AtomicLong renewals = new AtomicLong();
  private final AtomicLong discarded = new AtomicLong();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger timesIdle = new AtomicInteger();
  private final AtomicInteger earlyCancels = new AtomicInteger();
  private final Defect registrations = cap(REGISTRATIONS_PER_SEC);
  private volatile long lastRegisteredNs;
  private volatile long firstArrivedNs;
  private long arrived;

  public FaultyServer(Defect defect) throws IOException {
    this.defect = defect;
    server = new SocketServer(this::serve);
  }

  /** Returns a defect with a fixed delay. */
  public static Defect delay(long ms) {
    return (index, arrivedNs) -> new Plan(arrivedNs + TimeUnit.MILLISECONDS.toNanos(ms), OK);
  }

  /** Returns a defect with a maximum rate; excess heartbeats are queued. */
  public static Defect cap(int perSec) {
    long eachNs = TimeUnit.SECONDS.toNanos(1) / perSec;
    AtomicLong freeNs = new AtomicLong(System.nanoTime());
    return (index, arrivedNs) ->
        new Plan(freeNs.updateAndGet(ns -> Math.max(ns, arrivedNs) + eachNs), OK);
  }

  /** Returns a defect that responds to no heartbeat before the test ends the stall. */
  public static Defect stall(CountDownLatch end) {
    return (index, arrivedNs) -> {
      awaitEnd(end);
      return new Plan(arrivedNs, OK);
    };
  }

  private static void awaitEnd(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns a defect that responds to one in {@code every} with 404. */
  public static Defect notFoundEvery(int every) {
    return (index, arrivedNs) -> new Plan(arrivedNs, index % every == every - 1 ? NOT_FOUND : OK);
  }

  /** Returns a defect that closes the connection at one in {@code every}. */
  public static Defect closeEvery(int every) {
    return (index, arrivedNs) -> new Plan(arrivedNs, index % every == every - 1 ? CLOSE : OK);
  }

  public URI url() {
    return server.url();
  }

  /** Returns the number of responses with a status. */
  public long answered(int status) {
    return log.stream().filter(entry -> entry.status == status).count();
  }

  /** Returns the number of heartbeats without a response. */
  public long unanswered() {
    return answered(CLOSE) + discarded.get();
  }

  /** Returns the responses per second, from the first to the last. */
  public double perSec() {
    List<Long> times = log.stream().map(Entry::answeredNs).sorted().toList();
    double ns = times.get(times.size() - 1) - times.get(0);
    return (times.size() - 1) / ns * TimeUnit.SECONDS.toNanos(1);
  }

  /** Returns a percentile of the response times, ms. */
  public double tookMs(double percent) {
    List<Long> times = log.stream().map(Entry::tookNs).sorted().toList();
    int index = (int) Math.ceil(percent / 100 * times.size()) - 1;
    return times.get(Math.max(0, index)) / 1e6;
  }

  /** Returns the number of registrations by application. */
  public Map<String, Integer> registered() {
    return new TreeMap<>(registered);
  }

  /** Returns whether no heartbeat came before the last registration was accepted. */
  public boolean wasRegisteredAtRest() {
    return firstArrivedNs - lastRegisteredNs > 0;
  }

  /** Returns the number of times at which no heartbeat was outstanding. */
  public int timesIdle() {
    return timesIdle.get();
  }

  /** Returns the number of cancels that came while a heartbeat was outstanding. */
  public int earlyCancels() {
    return earlyCancels.get();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  private void serve(Socket socket) throws IOException {
    var responses = new LinkedBlockingQueue<Response>();
    SocketServer.start("faulty-server-writer", () -> write(socket, responses));
    try {
      read(new BufferedInputStream(socket.getInputStream()), responses);
    } finally {
      responses.add(new Response(new Plan(0, CLOSE), "", 0, false));
    }
  }

  private void read(InputStream in, LinkedBlockingQueue<Response> responses) throws IOException {
    boolean isOpen = true;
    while (true) {
      String line = SocketServer.readRequest(in).line();
      // Requests after the one that closes the connection are discarded.
      if (isOpen) {
        Response response = response(line);
        isOpen = response.plan.status != CLOSE;
        responses.add(response);
      } else if (line.startsWith("PUT ")) {
        discarded.incrementAndGet();
      }
    }
  }

  private Response response(String line) {
    long nowNs = System.nanoTime();
    if (line.startsWith("PUT ")) {
      return new Response(next(nowNs), "", nowNs, true);
    }
    if (line.startsWith("POST ")) {
      String path = line.split(" ", 3)[1];
      registered.merge(path.substring(path.lastIndexOf('/') + 1), 1, Integer::sum);
      return new Response(new Plan(registrations.of(0, nowNs).atNs, NO_CONTENT), "", nowNs, false);
    }
    if (line.startsWith("DELETE ") && open.get() > 0) {
      earlyCancels.incrementAndGet();
    }
    String body = line.startsWith("GET /metrics ")
        ? "systole_registry_renewals_total{outcome=\"renewed\"} " + renewals + "\n"
        : "";
    return new Response(new Plan(nowNs, OK), body, nowNs, false);
  }

  private synchronized Plan next(long arrivedNs) {
    open.incrementAndGet();
    firstArrivedNs = arrived == 0 ? arrivedNs : firstArrivedNs;
    return defect.of(arrived++, arrivedNs);
  }

  private void write(Socket socket, LinkedBlockingQueue<Response> responses) {
    try {
      OutputStream out = socket.getOutputStream();
      List<Response> ready = new ArrayList<>();
      while (true) {
        ready.add(responses.take());
        awaitTime(ready.get(0).plan.atNs);
        Response next = responses.peek();
        while (next != null && next.plan.atNs - System.nanoTime() <= 0) {
          ready.add(responses.remove());
          next = responses.peek();
        }
        if (ready.stream().anyMatch(response -> response.plan.status == NO_CONTENT)) {
          lastRegisteredNs = System.nanoTime();
        }
        if (!write(ready, out)) {
          // The client still receives the responses before the end of the stream.
          socket.shutdownOutput();
          return;
        }
        ready.clear();
      }
    } catch (IOException | InterruptedException e) {
      // The client or the test has closed the connection.
    }
  }

  /** Returns false to close the connection. */
  private boolean write(List<Response> ready, OutputStream out) throws IOException {
    StringBuilder text = new StringBuilder();
    boolean isOpen = true;
    for (Response response : ready) {
      isOpen &= response.plan.status != CLOSE;
      if (isOpen) {
        text.append(text(response));
      }
      if (response.isBeat) {
        log(response);
      }
    }
    out.write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    return isOpen;
  }

  private void log(Response response) {
    long nowNs = System.nanoTime();
    log.add(new Entry(nowNs, nowNs - response.arrivedNs, response.plan.status));
    renewals.addAndGet(response.plan.status == OK ? 1 : 0);
    if (open.decrementAndGet() == 0) {
      timesIdle.incrementAndGet();
    }
  }

  private static String text(Response response) {
    int status = response.plan.status;
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

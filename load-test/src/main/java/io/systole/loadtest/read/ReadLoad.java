// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.read;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * Clients that read a registry in an open model: each read has a due time, from which its latency
 * counts.
 */
public final class ReadLoad implements AutoCloseable {
  /*
   * One thread starts the reads of all clients round-robin; responses arrive on threads of the
   * JDK's client. If a client's read is still in progress when its next one is due, the next one
   * fails. `counts` is volatile: a read counts where the field pointed when it became due.
   */
  private static final long TICK_MS = 1;
  private static final int OK = 200;

  /** One client. */
  private static final class Reader {
    final HttpRequest first;
    final HttpRequest next;
    final AtomicBoolean isReading = new AtomicBoolean();

    /** Set once a first read has returned status 200. */
    volatile boolean hasBegun;

    Reader(HttpRequest first, HttpRequest next) {
      this.first = first;
      this.next = next;
    }
  }

  private final URI target;
  private final long everyNs;
  private final List<Reader> readers = new ArrayList<>();
  private final Thread thread = new Thread(this::read, "readers");
  private final HttpClient http = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(RegistryRequest.TIMEOUT)
      .build();

  private volatile Reads counts = new Reads();
  private volatile boolean isEnded;

  /** @param everyMs read interval of a client, 1 or more */
  public ReadLoad(URI target, long everyMs) {
    this.target = target;
    this.everyNs = TimeUnit.MILLISECONDS.toNanos(everyMs);
    thread.setDaemon(true);
  }

  /**
   * Adds clients; before {@link #begin}.
   *
   * @param first path of each client's reads until one returns status 200
   * @param next path of its further reads
   */
  public void add(int clients, String first, String next) {
    for (int nth = 0; nth < clients; nth++) {
      readers.add(new Reader(request(first), request(next)));
    }
  }

  private HttpRequest request(String path) {
    return RegistryRequest.of(target, path).header("Accept-Encoding", "gzip").build();
  }

  /** Starts reading; reads become due until {@link #close}. */
  public void begin(Reads first) {
    countIn(first);
    thread.start();
  }

  /** Counts the reads that become due from now on in {@code next}. */
  public void countIn(Reads next) {
    counts = next;
  }

  /** Stops reading; reads in progress continue. */
  @Override
  public void close() {
    isEnded = true;
    thread.interrupt();
  }

  private void read() {
    long startNs = System.nanoTime();
    long started = 0;
    try {
      while (!isEnded && !readers.isEmpty()) {
        long nowNs = System.nanoTime();
        long dueNs;
        while ((dueNs = startNs + (long) ((double) everyNs / readers.size() * started)) <= nowNs) {
          read(readers.get((int) (started % readers.size())), dueNs);
          started++;
        }
        Thread.sleep(TICK_MS);
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private void read(Reader reader, long dueNs) {
    Reads current = counts;
    current.due();
    if (reader.isReading.getAndSet(true)) {
      current.failed();
      return;
    }
    LongAdder bytes = new LongAdder();
    var unused = http.sendAsync(
            reader.hasBegun ? reader.next : reader.first, head -> counting(bytes))
        .whenComplete((response, failure) -> {
          reader.isReading.set(false);
          if (response == null) {
            current.failed();
          } else {
            reader.hasBegun |= response.statusCode() == OK;
            long tookUs = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - dueNs);
            current.answered(response.statusCode(), bytes.sum(), tookUs);
          }
        });
  }

  /** Returns a subscriber that adds up the body's size as transferred. */
  private static BodySubscriber<Void> counting(LongAdder bytes) {
    return BodySubscribers.ofByteArrayConsumer(
        part -> bytes.add(part.map(read -> read.length).orElse(0)));
  }
}

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
 * Clients that read a registry in an open model: each read is due at its time, and its latency
 * counts from then.
 */
public final class ReadLoad implements AutoCloseable {
  /*
   * One thread starts the reads of all clients in turn; responses come on threads of the JDK's
   * client. A client whose read is still under way when its next one is due has failed to make that
   * one. `into` is volatile: a read counts where it pointed when the read became due.
   */
  private static final long TURN_MS = 1;
  private static final int OK = 200;

  /** One client. */
  private static final class Reader {
    final HttpRequest first;
    final HttpRequest next;
    final AtomicBoolean isReading = new AtomicBoolean();

    /** Its first read has succeeded. */
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

  private volatile Reads into = new Reads();
  private volatile boolean isEnded;

  /** @param everyMs between a client's reads, 1 or more */
  public ReadLoad(URI target, long everyMs) {
    this.target = target;
    this.everyNs = TimeUnit.MILLISECONDS.toNanos(everyMs);
    thread.setDaemon(true);
  }

  /**
   * Adds clients; before {@link #begin}.
   *
   * @param first path of the first read of each, until one is answered 200
   * @param next path of those after it
   */
  public void add(int clients, String first, String next) {
    for (int nth = 0; nth < clients; nth++) {
      readers.add(new Reader(request(first), request(next)));
    }
  }

  private HttpRequest request(String path) {
    return RegistryRequest.of(target, path).header("Accept-Encoding", "gzip").build();
  }

  /** Begins to read; reads are due until {@link #close}. */
  public void begin(Reads counts) {
    count(counts);
    thread.start();
  }

  /** Counts the reads that become due from now on. */
  public void count(Reads next) {
    into = next;
  }

  /** Ends reading: no read becomes due any more, those under way go on. */
  @Override
  public void close() {
    isEnded = true;
    thread.interrupt();
  }

  private void read() {
    long startNs = System.nanoTime();
    long turns = 0;
    try {
      while (!isEnded && !readers.isEmpty()) {
        long nowNs = System.nanoTime();
        long dueNs;
        while ((dueNs = startNs + (long) ((double) everyNs / readers.size() * turns)) <= nowNs) {
          read(readers.get((int) (turns % readers.size())), dueNs);
          turns++;
        }
        Thread.sleep(TURN_MS);
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private void read(Reader reader, long dueNs) {
    Reads counts = into;
    counts.due();
    if (reader.isReading.getAndSet(true)) {
      counts.failed();
      return;
    }
    LongAdder bytes = new LongAdder();
    var unused = http.sendAsync(
            reader.hasBegun ? reader.next : reader.first, head -> counting(bytes))
        .whenComplete((response, failure) -> {
          reader.isReading.set(false);
          if (response == null) {
            counts.failed();
          } else {
            reader.hasBegun |= response.statusCode() == OK;
            long tookUs = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - dueNs);
            counts.answered(response.statusCode(), bytes.sum(), tookUs);
          }
        });
  }

  /** Reads a body to its end and keeps nothing but its size, as it came over the wire. */
  private static BodySubscriber<Void> counting(LongAdder bytes) {
    return BodySubscribers.ofByteArrayConsumer(
        part -> bytes.add(part.map(read -> read.length).orElse(0)));
  }
}

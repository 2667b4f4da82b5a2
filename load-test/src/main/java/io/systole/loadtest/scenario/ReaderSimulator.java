// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.runner.Fleet;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Plays {@link ReaderPlan}: an open model, in which a read is due at its time and counts from then.
 */
final class ReaderSimulator {
  /*
   * The timer brings round each client in turn; the answer comes on a thread of the JDK's client. A
   * client whose read is still under way when the next one is due has failed to make that one.
   */
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final long DRAIN_POLL_MS = 10;
  private static final int OK = 200;

  /** One client. */
  private static final class Reader {
    final String first;
    final String next;
    final AtomicBoolean isReading = new AtomicBoolean();

    /** It has had its first answer. */
    volatile boolean hasBegun;

    Reader(String first, String next) {
      this.first = first;
      this.next = next;
    }
  }

  private final ScenarioContext context;
  private final List<Reader> readers = new ArrayList<>();
  private final long everyNs;
  private final AtomicInteger underWay = new AtomicInteger();
  private final HttpClient http = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(CONNECT_TIMEOUT)
      .build();

  private long startNs;
  private long turns;

  ReaderSimulator(ScenarioContext context, ReaderPlan plan) {
    this.context = context;
    this.everyNs = TimeUnit.MILLISECONDS.toNanos(plan.everyMs());
    add(plan.delta(), "/apps/", "/apps/delta");
    add(plan.full(), "/apps/", "/apps/");
    int applications = context.scenario().fleet().applications();
    for (int nth = 0; nth < plan.application(); nth++) {
      String path = "/apps/" + Fleet.application(nth % applications);
      add(1, path, path);
    }
    for (int nth = 0; nth < plan.vip(); nth++) {
      String path = "/vips/" + Fleet.application(nth % applications);
      add(1, path, path);
    }
  }

  private void add(int count, String first, String next) {
    for (int nth = 0; nth < count; nth++) {
      readers.add(new Reader(first, next));
    }
  }

  /** Begins to read; the end of the window ends it. */
  void begin() {
    startNs = System.nanoTime();
    context.look(1, this::turn);
    context.atEnd(this::conclude);
  }

  /** Brings round all that are due: the nth turn of all is n/size of the rhythm after the start. */
  private void turn() {
    long nowNs = System.nanoTime();
    long dueNs;
    while ((dueNs = startNs + (long) ((double) everyNs / readers.size() * turns)) <= nowNs) {
      read(readers.get((int) (turns % readers.size())), dueNs);
      turns++;
    }
  }

  private void read(Reader reader, long dueNs) {
    if (reader.isReading.getAndSet(true)) {
      context.reads().failed();
      return;
    }
    underWay.incrementAndGet();
    LongAdder bytes = new LongAdder();
    var request = RegistryReader.request(
            context.target(), reader.hasBegun ? reader.next : reader.first)
        .header("Accept-Encoding", "gzip")
        .build();
    var unused = http.sendAsync(request, head -> counting(bytes))
        .whenComplete((response, failure) -> {
          reader.isReading.set(false);
          if (response == null) {
            context.reads().failed();
          } else {
            reader.hasBegun |= response.statusCode() == OK;
            long tookUs = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - dueNs);
            context.reads().answered(response.statusCode(), bytes.sum(), tookUs);
          }
          underWay.decrementAndGet();
        });
  }

  /** Reads a body to its end and keeps nothing but its size, as it came over the wire. */
  private static BodySubscriber<Void> counting(LongAdder bytes) {
    return BodySubscribers.ofByteArrayConsumer(
        part -> bytes.add(part.map(read -> read.length).orElse(0)));
  }

  /** No read becomes due any more; waits for those under way. */
  private void conclude() {
    long endNs =
        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(context.scenario().timeoutMs());
    try {
      while (underWay.get() > 0 && System.nanoTime() - endNs < 0) {
        Thread.sleep(DRAIN_POLL_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (int open = underWay.get(); open > 0; open--) {
      context.reads().failed();
    }
    context.reads().conclude(context.findings());
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.cluster;

import io.systole.benchmarks.readcost.BlockingHttpConnection;
import io.systole.protocol.http.HttpMethod;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Heartbeats of a fleet at a fixed rate, each instance in turn at another member, as by a load
 * balancer. An open model: latency counts from the time at which a heartbeat was due. Each
 * connection has a thread, which sends what is due and reads the responses.
 */
final class PacedRenewals implements AutoCloseable {
  private static final int BURST_MAX = 128;
  private static final int DIGITS = 3;
  private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final double NS_PER_SEC = TimeUnit.SECONDS.toNanos(1);
  private static final double NS_PER_MS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final double P99 = 99;
  private static final int OK = 200;

  /**
   * The heartbeats of a part of a run.
   *
   * @param secs length
   * @param renewed responses with status 200
   * @param notRenewed heartbeats with another status or without a response
   * @param p50Ms from due to the response, like the others
   */
  record Part(
      double secs, long renewed, long notRenewed, double p50Ms, double p99Ms, double maxMs) {}

  private final HeartbeatBytes heartbeats;
  private final long startNs = System.nanoTime();
  private final Recorder latencies = new Recorder(DIGITS);
  private final AtomicLong notRenewed = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean isRunning = true;

  private long partNs = startNs;
  private long notRenewedBefore;

  /**
   * Starts to renew.
   *
   * @param perSec heartbeats per second in total
   * @param ports of the members
   * @param connections to each
   */
  PacedRenewals(HeartbeatBytes heartbeats, double perSec, List<Integer> ports, int connections)
      throws IOException {
    this.heartbeats = heartbeats;
    int lanes = ports.size() * connections;
    for (int lane = 0; lane < lanes; lane++) {
      int port = ports.get(lane % ports.size());
      BlockingHttpConnection connection = new BlockingHttpConnection(port);
      Lane renewals = new Lane(lane, lanes, NS_PER_SEC / perSec, connection);
      threads.add(new Thread(renewals::run, "renewals-" + lane));
    }
    threads.forEach(Thread::start);
  }

  /** Ends a part and begins the next one. For one thread. */
  Part nextPart() {
    long nowNs = System.nanoTime();
    Histogram histogram = latencies.getIntervalHistogram();
    long failed = notRenewed.get();
    Part part = new Part(
        (nowNs - partNs) / NS_PER_SEC,
        histogram.getTotalCount(),
        failed - notRenewedBefore,
        histogram.getValueAtPercentile(50) / NS_PER_MS,
        histogram.getValueAtPercentile(P99) / NS_PER_MS,
        histogram.getMaxValue() / NS_PER_MS);
    partNs = nowNs;
    notRenewedBefore = failed;
    return part;
  }

  /** Every n-th heartbeat, with one connection. For one thread. */
  private final class Lane {
    private final int number;
    private final int lanes;
    private final double gapNs;
    private final BlockingHttpConnection connection;
    private final ByteArrayOutputStream burst = new ByteArrayOutputStream();

    Lane(int number, int lanes, double gapNs, BlockingHttpConnection connection) {
      this.number = number;
      this.lanes = lanes;
      this.gapNs = gapNs;
      this.connection = connection;
    }

    void run() {
      try (connection) {
        long sent = 0;
        while (isRunning) {
          long due = dueBy(System.nanoTime()) - sent;
          if (due <= 0) {
            TimeUnit.NANOSECONDS.sleep(PAUSE_NS);
            continue;
          }
          int count = (int) Math.min(due, BURST_MAX);
          renew(sent, count);
          sent += count;
        }
      } catch (IOException lost) {
        notRenewed.incrementAndGet();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private long dueBy(long nowNs) {
      return (long) (((nowNs - startNs) / gapNs - number) / lanes) + 1;
    }

    private long dueNs(long index) {
      return startNs + (long) ((index * lanes + number) * gapNs);
    }

    /** Shifts each round of the fleet by one lane, and so by one member. */
    private int instance(long index) {
      long position = index * lanes + number;
      long round = position / heartbeats.instances();
      return (int) Math.floorMod(position + round, (long) heartbeats.instances());
    }

    private void renew(long from, int count) throws IOException {
      burst.reset();
      for (int i = 0; i < count; i++) {
        heartbeats.append(instance(from + i), burst);
      }
      connection.send(burst.toByteArray(), 0, burst.size());
      for (int i = 0; i < count; i++) {
        int status =
            connection.receive(HttpMethod.PUT, (bytes, start, length) -> {}).status();
        if (status == OK) {
          latencies.recordValue(Math.max(0, System.nanoTime() - dueNs(from + i)));
        } else {
          notRenewed.incrementAndGet();
        }
      }
    }
  }

  @Override
  public void close() {
    isRunning = false;
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

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
 * A generator of a fleet's heartbeats at a fixed rate. Consecutive heartbeats of an instance go to
 * different members, as by a load balancer. An open model: latency counts from the time at which a
 * heartbeat was due. Each connection has a thread, which sends due heartbeats and reads responses.
 */
final class PacedRenewals implements AutoCloseable {
  private static final int BURST_MAX = 128;

  /**
   * Instances registered one after the other do not send their heartbeats so, or members could
   * replicate these as a few ranges. A prime above any number of instances, so all have their turn.
   */
  private static final long STRIDE = 2_654_435_761L;

  private static final int DIGITS = 3;
  private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final double NS_PER_SEC = TimeUnit.SECONDS.toNanos(1);
  private static final double NS_PER_MS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final double P99 = 99;
  private static final int OK = 200;

  /**
   * The heartbeats of an interval of a run.
   *
   * @param secs the length of the interval
   * @param renewed the number of responses with status 200
   * @param notRenewed the number of heartbeats with another status or without a response
   * @param p50Ms latency from when the heartbeat was due, like the following ones
   */
  record Interval(
      double secs, long renewed, long notRenewed, double p50Ms, double p99Ms, double maxMs) {}

  private final HeartbeatBytes heartbeats;
  private final long startNs = System.nanoTime();
  private final Recorder latencies = new Recorder(DIGITS);
  private final AtomicLong notRenewed = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean isRunning = true;

  private long intervalStartNs = startNs;
  private long notRenewedBefore;

  /**
   * Starts to renew.
   *
   * @param perSec heartbeats per second in total
   * @param ports the ports of the members
   * @param connections the number of connections to each member
   */
  PacedRenewals(HeartbeatBytes heartbeats, double perSec, List<Integer> ports, int connections)
      throws IOException {
    this.heartbeats = heartbeats;
    int connectionCount = ports.size() * connections;
    for (int i = 0; i < connectionCount; i++) {
      int port = ports.get(i % ports.size());
      BlockingHttpConnection connection = new BlockingHttpConnection(port);
      PacedConnection renewals =
          new PacedConnection(i, connectionCount, NS_PER_SEC / perSec, connection);
      threads.add(new Thread(renewals::run, "renewals-" + i));
    }
    threads.forEach(Thread::start);
  }

  /** Ends an interval and begins the next one. Returns the first. For one thread. */
  Interval nextInterval() {
    long nowNs = System.nanoTime();
    Histogram histogram = latencies.getIntervalHistogram();
    long failed = notRenewed.get();
    Interval interval = new Interval(
        (nowNs - intervalStartNs) / NS_PER_SEC,
        histogram.getTotalCount(),
        failed - notRenewedBefore,
        histogram.getValueAtPercentile(50) / NS_PER_MS,
        histogram.getValueAtPercentile(P99) / NS_PER_MS,
        histogram.getMaxValue() / NS_PER_MS);
    intervalStartNs = nowNs;
    notRenewedBefore = failed;
    return interval;
  }

  /** A connection that sends every n-th heartbeat. For one thread. */
  private final class PacedConnection {
    private final int number;
    private final int connectionCount;
    /** The time between two heartbeats of the fleet. */
    private final double heartbeatNs;

    private final BlockingHttpConnection connection;
    private final ByteArrayOutputStream burst = new ByteArrayOutputStream();

    PacedConnection(
        int number, int connectionCount, double heartbeatNs, BlockingHttpConnection connection) {
      this.number = number;
      this.connectionCount = connectionCount;
      this.heartbeatNs = heartbeatNs;
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
      return (long) (((nowNs - startNs) / heartbeatNs - number) / connectionCount) + 1;
    }

    private long dueNs(long index) {
      return startNs + (long) ((index * connectionCount + number) * heartbeatNs);
    }

    /**
     * Returns the instance of a heartbeat of this connection. Each round of the fleet is shifted by
     * one connection, and so by one member.
     */
    private int instance(long index) {
      long position = index * connectionCount + number;
      long round = position / heartbeats.instances();
      return (int) Math.floorMod(STRIDE * (position + round), (long) heartbeats.instances());
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

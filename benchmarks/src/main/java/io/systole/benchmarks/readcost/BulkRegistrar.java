// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/**
 * Registers and cancels instances over several connections concurrently and checks every response.
 *
 * @param prefix base path of the protocol
 * @param connections open at once, one thread each
 * @param inFlight requests sent before the first response is read
 */
public record BulkRegistrar(int port, String prefix, int connections, int inFlight) {
  private static final int REGISTERED = 204;
  private static final int CANCELLED = 200;

  /**
   * Registers the instances {@code from..to}, {@code to} exclusive.
   *
   * @throws IOException if any response is not a 204
   */
  public void register(DataSet dataSet, int from, int to, long change)
      throws IOException, InterruptedException {
    exchangeAll(index -> dataSet.registration(prefix, index, change), from, to, REGISTERED);
  }

  /**
   * Cancels the instances {@code from..to}, {@code to} exclusive.
   *
   * @throws IOException if any response is not a 200
   */
  public void cancel(DataSet dataSet, int from, int to) throws IOException, InterruptedException {
    exchangeAll(index -> dataSet.cancellation(prefix, index), from, to, CANCELLED);
  }

  private void exchangeAll(IntFunction<byte[]> requests, int from, int to, int expected)
      throws IOException, InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(connections);
    try {
      List<Future<?>> parts = new ArrayList<>();
      for (int part = 0; part < connections; part++) {
        int first = from + part;
        parts.add(threads.submit(() -> {
          exchangePart(requests, first, to, expected);
          return null;
        }));
      }
      for (Future<?> part : parts) {
        part.get();
      }
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  /** Sends every {@code connections}-th request over one connection. */
  private void exchangePart(IntFunction<byte[]> requests, int first, int to, int expected)
      throws IOException {
    if (first >= to) {
      return;
    }
    ByteArrayOutputStream burst = new ByteArrayOutputStream();
    try (BlockingHttpConnection connection = new BlockingHttpConnection(port)) {
      int index = first;
      while (index < to) {
        burst.reset();
        int sent = 0;
        for (; sent < inFlight && index < to; sent++, index += connections) {
          burst.writeBytes(requests.apply(index));
        }
        connection.send(burst.toByteArray(), 0, burst.size());
        for (int received = 0; received < sent; received++) {
          connection.receive(expected);
        }
      }
    }
  }
}

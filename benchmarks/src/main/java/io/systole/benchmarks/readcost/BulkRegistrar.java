// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import io.systole.benchmarks.readcost.BlockingHttpConnection.ResponseInfo;
import io.systole.protocol.http.HttpMethod;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * Registers and cancels instances over several connections concurrently and checks every response.
 * A server that is overloaded, as one that has just started may be, refuses requests with 503; they
 * are sent again.
 *
 * @param prefix base path of the protocol
 * @param connections open at once, one thread each
 * @param inFlight requests sent before the first response is read
 */
public record BulkRegistrar(int port, String prefix, int connections, int inFlight) {
  private static final int REGISTERED = 204;
  private static final int CANCELLED = 200;
  private static final int OVERLOADED = 503;
  private static final long RETRY_MS = 500;

  /** The maximum of successive bursts of a connection in which the server refuses a request. */
  private static final int REFUSED_BURSTS_MAX = 120;

  /**
   * Registers the instances {@code from..to}, {@code to} exclusive.
   *
   * @throws IOException if any response is neither a 204 nor a 503, or a 503 too often
   */
  public void register(DataSet dataSet, int from, int to, long change)
      throws IOException, InterruptedException {
    exchangeAll(index -> dataSet.registration(prefix, index, change), from, to, REGISTERED);
  }

  /**
   * Cancels the instances {@code from..to}, {@code to} exclusive.
   *
   * @throws IOException if any response is neither a 200 nor a 503, or a 503 too often
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
      throws IOException, InterruptedException {
    if (first >= to) {
      return;
    }
    List<Integer> burst = new ArrayList<>();
    try (BlockingHttpConnection connection = new BlockingHttpConnection(port)) {
      int index = first;
      int refusedBursts = 0;
      while (index < to || !burst.isEmpty()) {
        for (; burst.size() < inFlight && index < to; index += connections) {
          burst.add(index);
        }
        burst = exchange(connection, requests, burst, expected);
        refusedBursts = burst.isEmpty() ? 0 : refusedBursts + 1;
        if (refusedBursts > REFUSED_BURSTS_MAX) {
          throw new IOException("refused with 503 in " + refusedBursts + " successive bursts");
        }
        if (refusedBursts > 0) {
          TimeUnit.MILLISECONDS.sleep(RETRY_MS);
        }
      }
    }
  }

  /** Sends requests, and returns those that were refused for overload. */
  private static List<Integer> exchange(
      BlockingHttpConnection connection,
      IntFunction<byte[]> requests,
      List<Integer> burst,
      int expected)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    burst.forEach(index -> bytes.writeBytes(requests.apply(index)));
    connection.send(bytes.toByteArray(), 0, bytes.size());
    List<Integer> refused = new ArrayList<>();
    for (Integer index : burst) {
      ResponseInfo response = connection.receive(HttpMethod.POST, (body, start, length) -> {});
      if (response.status() == OVERLOADED) {
        refused.add(index);
      } else {
        BlockingHttpConnection.require(response, expected);
      }
    }
    return refused;
  }
}

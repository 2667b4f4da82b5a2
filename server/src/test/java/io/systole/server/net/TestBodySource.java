// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.server.route.BodySource;
import io.systole.server.route.ResponseBody;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A factory of bodies with predictable bytes that counts the opened and closed sources. */
final class TestBodySource {
  /** The repeated pattern of every body of known length; its length is prime. */
  private static final byte[] PATTERN =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJK".getBytes(StandardCharsets.US_ASCII);

  final AtomicInteger openedCount = new AtomicInteger();
  final AtomicInteger closedCount = new AtomicInteger();
  final AtomicInteger readCount = new AtomicInteger();

  /** Index of the byte at which the source throws, or ends. */
  private long failsAt = Long.MAX_VALUE;

  private boolean endsInstead;

  static byte byteAt(long index) {
    return PATTERN[(int) (index % PATTERN.length)];
  }

  static String text(int length) {
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append((char) byteAt(i));
    }
    return text.toString();
  }

  TestBodySource throwingAt(long index) {
    failsAt = index;
    return this;
  }

  TestBodySource endingAt(long index) {
    failsAt = index;
    endsInstead = true;
    return this;
  }

  /** Returns a body of this length; every third read returns 0. */
  ResponseBody ofLength(long length) {
    return ResponseBody.ofLength(length, () -> {
      openedCount.incrementAndGet();
      return new Patterned();
    });
  }

  private final class Patterned implements BodySource {
    private long at;

    @Override
    public int read(byte[] into, int from, int length) {
      if (readCount.incrementAndGet() % 3 == 0) {
        return 0;
      }
      if (at >= failsAt && endsInstead) {
        return END;
      } else if (at >= failsAt) {
        throw new IllegalStateException("planted by a test");
      }
      int size = (int) Math.min(length, failsAt - at);
      for (int i = 0; i < size; i++) {
        into[from + i] = byteAt(at + i);
      }
      at += size;
      return size;
    }

    @Override
    public void close() {
      closedCount.incrementAndGet();
    }
  }

  /** A stream of text emitted by any thread. */
  static final class ScriptedStream implements BodySource {
    private final ArrayDeque<byte[]> queued = new ArrayDeque<>();
    private final AtomicInteger closedCount = new AtomicInteger();
    private boolean hasEnded;
    private @Nullable Runnable wake;

    ResponseBody body() {
      return ResponseBody.streaming(waker -> {
        synchronized (this) {
          wake = waker;
        }
        return this;
      });
    }

    /** Adds the bytes of one read. */
    void emit(String text) {
      synchronized (this) {
        queued.add(text.getBytes(StandardCharsets.ISO_8859_1));
      }
      wake();
    }

    void end() {
      synchronized (this) {
        hasEnded = true;
      }
      wake();
    }

    private void wake() {
      Runnable action;
      synchronized (this) {
        action = wake;
      }
      if (action != null) {
        action.run();
      }
    }

    @Override
    public synchronized int read(byte[] into, int from, int length) {
      byte[] next = queued.poll();
      if (next == null) {
        return hasEnded ? END : 0;
      }
      System.arraycopy(next, 0, into, from, next.length);
      return next.length;
    }

    @Override
    public void close() {
      closedCount.incrementAndGet();
    }

    int closedCount() {
      return closedCount.get();
    }
  }
}

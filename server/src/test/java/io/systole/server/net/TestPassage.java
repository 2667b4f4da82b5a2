// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.server.route.BodySource;
import io.systole.server.route.ResponseBody;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Counts what becomes of the passages of a body whose bytes are known ahead. */
final class TestPassage {
  /** What every body of a length consists of, again and again; a prime length. */
  private static final byte[] PATTERN =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJK".getBytes(StandardCharsets.US_ASCII);

  final AtomicInteger openedCount = new AtomicInteger();
  final AtomicInteger closedCount = new AtomicInteger();
  final AtomicInteger readCount = new AtomicInteger();

  /** Index of the byte in place of which the passage throws, or ends. */
  private long breaksAt = Long.MAX_VALUE;

  private boolean endsAtBreak;

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

  TestPassage throwingAt(long index) {
    breaksAt = index;
    return this;
  }

  TestPassage endingAt(long index) {
    breaksAt = index;
    endsAtBreak = true;
    return this;
  }

  /** A body of this length; every third read brings nothing. */
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
      if (at >= breaksAt && endsAtBreak) {
        return END;
      } else if (at >= breaksAt) {
        throw new IllegalStateException("planted by a test");
      }
      int size = (int) Math.min(length, breaksAt - at);
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

  /** A body without an end, of what any thread says. */
  static final class Spoken implements BodySource {
    private final ArrayDeque<byte[]> said = new ArrayDeque<>();
    private final AtomicInteger closedCount = new AtomicInteger();
    private boolean hasEnded;
    private @Nullable Runnable wake;

    ResponseBody body() {
      return ResponseBody.endless(waker -> {
        synchronized (this) {
          wake = waker;
        }
        return this;
      });
    }

    /** Adds what the next read that finds nothing else brings. */
    void say(String text) {
      synchronized (this) {
        said.add(text.getBytes(StandardCharsets.ISO_8859_1));
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
      byte[] next = said.poll();
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

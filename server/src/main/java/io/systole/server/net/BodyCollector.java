// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.protocol.http.BodyFraming;
import java.util.Arrays;

/**
 * Takes the bytes of one request body after another: keeps them for the endpoint, or drops them. It
 * holds no more than has arrived, doubled, whatever length was announced.
 */
final class BodyCollector implements BodyFraming.Sink {
  private static final byte[] NONE = {};
  private static final int FIRST_BYTES = 1024;

  private final Budget budget;
  private byte[] kept = NONE;
  private int size;
  private boolean keeps;
  private boolean isOverBudget;

  BodyCollector(Budget budget) {
    this.budget = budget;
  }

  /** Begins another body. */
  void begin(boolean keeps) {
    reset();
    this.keeps = keeps;
  }

  @Override
  public void accept(byte[] bytes, int from, int length) {
    if (!keeps || isOverBudget) {
      return;
    }
    if (size + length > kept.length && !grow(size + length)) {
      isOverBudget = true;
      return;
    }
    System.arraycopy(bytes, from, kept, size, length);
    size += length;
  }

  private boolean grow(int needed) {
    int roomy = Math.max(needed, Math.max(FIRST_BYTES, 2 * kept.length));
    return growTo(roomy) || growTo(needed);
  }

  private boolean growTo(int capacity) {
    if (!budget.reserve(capacity - kept.length)) {
      return false;
    }
    kept = Arrays.copyOf(kept, capacity);
    return true;
  }

  /** Whether bytes were dropped because all connections together held too many. */
  boolean isOverBudget() {
    return isOverBudget;
  }

  /** The body, as an array of its own; the collector is empty afterwards. */
  byte[] take() {
    byte[] body = Arrays.copyOf(kept, size);
    reset();
    return body;
  }

  /** Forgets what was kept. */
  void reset() {
    budget.release(kept.length);
    kept = NONE;
    size = 0;
    keeps = false;
    isOverBudget = false;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.protocol.http.BodyFraming;
import io.systole.server.metrics.Counters.Limit;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes the bytes of one request body after another: keeps them for the endpoint, or drops them. It
 * holds no more than has arrived, doubled, whatever length was announced.
 */
final class RequestBodyAggregator implements BodyFraming.Sink {
  private static final byte[] NONE = {};
  private static final int FIRST_BYTES = 1024;

  private final Quota budget;
  private final SourceAddress source;
  private byte[] kept = NONE;
  private int size;
  private boolean keeps;

  /** The limit for which bytes were dropped; null when none were. */
  private @Nullable Limit exceeded;

  /** @param source pays for the bodies out of its share */
  RequestBodyAggregator(Quota budget, SourceAddress source) {
    this.budget = budget;
    this.source = source;
  }

  /** Begins another body. */
  void begin(boolean keeps) {
    reset();
    this.keeps = keeps;
  }

  @Override
  public void accept(byte[] bytes, int from, int length) {
    if (!keeps || exceeded != null) {
      return;
    }
    if (size + length > kept.length) {
      exceeded = grow(size + length);
      if (exceeded != null) {
        return;
      }
    }
    System.arraycopy(bytes, from, kept, size, length);
    size += length;
  }

  private @Nullable Limit grow(int needed) {
    int roomy = Math.max(needed, Math.max(FIRST_BYTES, 2 * kept.length));
    return growTo(roomy) == null ? null : growTo(needed);
  }

  private @Nullable Limit growTo(int capacity) {
    Limit limit = budget.reserve(source, capacity - kept.length);
    if (limit == null) {
      kept = Arrays.copyOf(kept, capacity);
    }
    return limit;
  }

  /** The limit on account of which bytes were dropped; null when all were kept. */
  @Nullable
  Limit exceeded() {
    return exceeded;
  }

  /** The body, as an array of its own; the collector is empty afterwards. */
  byte[] take() {
    byte[] body = Arrays.copyOf(kept, size);
    reset();
    return body;
  }

  /** Forgets what was kept. */
  void reset() {
    if (kept.length > 0) {
      budget.release(source, kept.length);
      kept = NONE;
    }
    size = 0;
    keeps = false;
    exceeded = null;
  }
}

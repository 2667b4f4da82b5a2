// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.protocol.http.BodyFraming;
import io.systole.server.metrics.Counters.Limit;
import io.systole.server.net.Quotas.Quota;
import io.systole.server.route.SourceAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An aggregator of one request body after another, which collects or discards its bytes. Its
 * capacity is at most twice the bytes received, regardless of the announced length.
 */
final class RequestBodyAggregator implements BodyFraming.Sink {
  private static final byte[] NONE = {};
  private static final int FIRST_BYTES = 1024;

  private final Quota quota;
  private final SourceAddress source;
  private byte[] buffer = NONE;
  private int size;
  private boolean isCollecting;

  /** The exceeded limit, or null; bytes are discarded once it is set. */
  private @Nullable Limit exceeded;

  /** @param source the source address whose quota the bodies are charged to */
  RequestBodyAggregator(Quota quota, SourceAddress source) {
    this.quota = quota;
    this.source = source;
  }

  /** Begins another body, to be collected or discarded. */
  void begin(boolean isCollecting) {
    reset();
    this.isCollecting = isCollecting;
  }

  @Override
  public void accept(byte[] bytes, int from, int length) {
    if (!isCollecting || exceeded != null) {
      return;
    }
    if (size + length > buffer.length) {
      exceeded = grow(size + length);
      if (exceeded != null) {
        return;
      }
    }
    System.arraycopy(bytes, from, buffer, size, length);
    size += length;
  }

  private @Nullable Limit grow(int required) {
    int capacity = Math.max(required, Math.max(FIRST_BYTES, 2 * buffer.length));
    return growTo(capacity) == null ? null : growTo(required);
  }

  private @Nullable Limit growTo(int capacity) {
    Limit limit = quota.reserve(source, capacity - buffer.length);
    if (limit == null) {
      buffer = Arrays.copyOf(buffer, capacity);
    }
    return limit;
  }

  /** Returns the limit that the body exceeded, or null. */
  @Nullable
  Limit exceeded() {
    return exceeded;
  }

  /** Returns the body as a new array and resets this aggregator. */
  byte[] take() {
    byte[] body = Arrays.copyOf(buffer, size);
    reset();
    return body;
  }

  /** Discards the body and releases its quota. */
  void reset() {
    if (buffer.length > 0) {
      quota.release(source, buffer.length);
      buffer = NONE;
    }
    size = 0;
    isCollecting = false;
    exceeded = null;
  }
}

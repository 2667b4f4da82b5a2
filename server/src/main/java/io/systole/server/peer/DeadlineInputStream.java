// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.time.Clock;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A stream that cannot be read after a deadline. A small compressed body may take minutes to decode
 * otherwise. Confined to one thread.
 */
final class DeadlineInputStream extends FilterInputStream {
  private final Clock clock;
  private final long deadlineNs;

  /** @param deadlineNs as {@link Clock#monotonicNs} */
  DeadlineInputStream(InputStream in, Clock clock, long deadlineNs) {
    super(in);
    this.clock = clock;
    this.deadlineNs = deadlineNs;
  }

  private void check() throws IOException {
    if (clock.monotonicNs() - deadlineNs > 0) {
      throw new IOException("reading the registry takes too long");
    }
  }

  @Override
  public int read() throws IOException {
    check();
    return super.read();
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    check();
    return super.read(bytes, from, length);
  }
}

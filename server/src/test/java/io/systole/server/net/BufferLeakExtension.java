// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.List;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves a Netty buffer open. JUnit finds it by its service file, for all tests
 * of the module.
 */
public final class BufferLeakExtension implements BeforeEachCallback, AfterEachCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(BufferLeakExtension.class);

  /** Event loops of a closed server may still be releasing. */
  private static final Duration TIMEOUTS = Duration.ofSeconds(3);

  static {
    BufferLedger.install();
    requireLedgerInUse();
  }

  private static void requireLedgerInUse() {
    long mark = BufferLedger.mark();
    ByteBuf probe = ByteBufAllocator.DEFAULT.buffer(1);
    boolean isSeen = !BufferLedger.openSince(mark).isEmpty();
    probe.release();
    if (!isSeen || !BufferLedger.openSince(mark).isEmpty()) {
      throw new IllegalStateException(
          "buffers aren't entered in the ledger: is io.netty.leakDetection.level=paranoid set?");
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    context.getStore(NAMESPACE).put("mark", BufferLedger.mark());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    requireNoneSince(context.getStore(NAMESPACE).getOrDefault("mark", Long.class, 0L), TIMEOUTS);
  }

  /** Throws an error that shows where the first buffer left open was opened. */
  static void requireNoneSince(long mark, Duration timeouts) {
    if (BufferLedger.openSince(mark).isEmpty()) {
      return;
    }
    try {
      await()
          .atMost(timeouts)
          .pollInterval(Duration.ofMillis(5))
          .pollDelay(Duration.ZERO)
          .until(() -> BufferLedger.openSince(mark).isEmpty());
    } catch (ConditionTimeoutException late) {
      List<Throwable> left = BufferLedger.openSince(mark);
      if (!left.isEmpty()) {
        throw new AssertionError(left.size() + " buffers were left open", left.get(0));
      }
    }
  }
}

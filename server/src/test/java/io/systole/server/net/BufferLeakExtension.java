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
 * Fails a test that does not release a Netty buffer. Registered for all tests of the module by its
 * service file.
 */
public final class BufferLeakExtension implements BeforeEachCallback, AfterEachCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(BufferLeakExtension.class);

  /** Event loops of a closed server may still release buffers. */
  private static final Duration TIMEOUTS = Duration.ofSeconds(3);

  static {
    OpenBuffers.install();
    requireLedgerInUse();
  }

  private static void requireLedgerInUse() {
    long mark = OpenBuffers.mark();
    ByteBuf probe = ByteBufAllocator.DEFAULT.buffer(1);
    boolean isSeen = !OpenBuffers.openSince(mark).isEmpty();
    probe.release();
    if (!isSeen || !OpenBuffers.openSince(mark).isEmpty()) {
      throw new IllegalStateException(
          "buffers aren't recorded: is io.netty.leakDetection.level=paranoid set?");
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    context.getStore(NAMESPACE).put("mark", OpenBuffers.mark());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    requireNoneSince(context.getStore(NAMESPACE).getOrDefault("mark", Long.class, 0L), TIMEOUTS);
  }

  /** Throws an error with the allocation site of the first open buffer. */
  static void requireNoneSince(long mark, Duration timeouts) {
    if (OpenBuffers.openSince(mark).isEmpty()) {
      return;
    }
    try {
      await()
          .atMost(timeouts)
          .pollInterval(Duration.ofMillis(5))
          .pollDelay(Duration.ZERO)
          .until(() -> OpenBuffers.openSince(mark).isEmpty());
    } catch (ConditionTimeoutException late) {
      List<Throwable> left = OpenBuffers.openSince(mark);
      if (!left.isEmpty()) {
        throw new AssertionError(left.size() + " buffers were left open", left.get(0));
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpRequestEncoder;
import java.time.Duration;
import java.util.List;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that does not release a Netty buffer; fails the run if a thread that is shared by
 * test classes leaves one open. Registered for all tests of the module by its service file.
 */
public final class BufferLeakExtension
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(BufferLeakExtension.class);

  /** Event loops of a closed server may still release buffers. */
  private static final Duration TIMEOUTS = Duration.ofSeconds(30);

  static {
    OpenBuffers.install();
    requireLedgerInUse();
    // Loads the constants that Netty's encoder keeps in buffers for ever.
    OpenBuffers.own("Netty");
    var unused = new HttpRequestEncoder();
    OpenBuffers.own(OpenBuffers.NO_OWNER);
  }

  private static void requireLedgerInUse() {
    long mark = OpenBuffers.mark();
    ByteBuf probe = ByteBufAllocator.DEFAULT.buffer(1);
    boolean isSeen = !OpenBuffers.openSince(mark, OpenBuffers.NO_OWNER).isEmpty();
    probe.release();
    if (!isSeen || !OpenBuffers.openSince(mark, OpenBuffers.NO_OWNER).isEmpty()) {
      throw new IllegalStateException(
          "buffers aren't recorded: is io.netty.leakDetection.level=paranoid set?");
    }
  }

  /** Sets the owner before the class's first instance and the threads that it starts. */
  @Override
  public void beforeAll(ExtensionContext context) {
    OpenBuffers.own(owner(context));
    context.getRoot().getStore(NAMESPACE).computeIfAbsent(SharedThreads.class);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    context.getStore(NAMESPACE).put("mark", OpenBuffers.mark());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    long mark = context.getStore(NAMESPACE).getOrDefault("mark", Long.class, 0L);
    requireNoneSince(mark, owner(context), TIMEOUTS);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    OpenBuffers.own(OpenBuffers.NO_OWNER);
  }

  private static String owner(ExtensionContext context) {
    return context.getRequiredTestClass().getName();
  }

  /** Checks the buffers of shared threads after the last test. */
  private static final class SharedThreads implements AutoCloseable {
    @Override
    public void close() {
      requireNoneSince(0, OpenBuffers.NO_OWNER, TIMEOUTS);
    }
  }

  /** Throws an error with the allocation site of the first open buffer. */
  static void requireNoneSince(long mark, String owner, Duration timeouts) {
    if (OpenBuffers.openSince(mark, owner).isEmpty()) {
      return;
    }
    try {
      await()
          .atMost(timeouts)
          .pollInterval(Duration.ofMillis(5))
          .pollDelay(Duration.ZERO)
          .until(() -> OpenBuffers.openSince(mark, owner).isEmpty());
    } catch (ConditionTimeoutException late) {
      List<Throwable> left = OpenBuffers.openSince(mark, owner);
      if (!left.isEmpty()) {
        throw new AssertionError(left.size() + " buffers were left open", left.get(0));
      }
    }
  }
}

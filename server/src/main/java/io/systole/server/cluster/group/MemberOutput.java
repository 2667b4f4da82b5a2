// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The buffered output of a connection to a member. It accepts the first bytes before the connection
 * is open. A thread fails rather than wait for another whose write is blocked.
 */
final class MemberOutput extends OutputStream {
  /*
   * Three threads write, under the lock, which guards early and out: one of JGroups sends messages,
   * the one that opens the connection flushes once, the one that closes it sends a last message.
   *
   * busySinceNs and timeoutNs are volatile. A thread that begins a handshake or a write sets
   * timeoutNs first and busySinceNs second; isTimedOut reads busySinceNs first and timeoutNs
   * second. So isTimedOut never compares the duration of a write with the timeout of the handshake,
   * which is shorter. It may compare the duration of a handshake with the timeout of a write that
   * has just begun. That is harmless, because the handshake has ended by then.
   */

  /** The timeout of a handshake. */
  private static final long HANDSHAKE_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(2);

  /** The timeout of a write, about that after which a frozen member leaves the view. */
  private static final long WRITE_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);

  /** The time that a thread waits for another's write. */
  private static final long LOCK_TIMEOUT_MS = 200;

  private static final int BUFFER_BYTES = 64 << 10;

  /** JGroups' first message, with the sender's address, has some 20 bytes. */
  static final int EARLY_BYTES_MAX = 1_024;

  private final CompletableFuture<OutputStream> opened;
  private final ReentrantLock lock = new ReentrantLock();
  private final ByteArrayOutputStream early = new ByteArrayOutputStream();
  private @Nullable OutputStream out;
  /** Monotonic; 0 if no handshake or write is in progress. */
  private volatile long busySinceNs;

  private volatile long timeoutNs;

  /** @param opened the output of the socket, when the connection is open */
  MemberOutput(CompletableFuture<OutputStream> opened) {
    this.opened = opened;
  }

  /** Starts the timeout of the handshake. */
  void beginHandshake() {
    begin(HANDSHAKE_TIMEOUT_NS);
  }

  /** Ends the timeout of the handshake. */
  void endHandshake() {
    end();
  }

  private void begin(long newTimeoutNs) {
    timeoutNs = newTimeoutNs;
    busySinceNs = System.nanoTime() | 1;
  }

  private void end() {
    busySinceNs = 0;
  }

  /** Returns whether the handshake or a write has exceeded its timeout. */
  boolean isTimedOut(long nowNs) {
    long since = busySinceNs;
    return since != 0 && nowNs - since > timeoutNs;
  }

  @Override
  public void write(int octet) throws IOException {
    write(new byte[] {(byte) octet}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    if (!writeEarly(bytes, from, length)) {
      OutputStream socket = ConnectionFuture.await(opened);
      lock();
      try {
        begin(WRITE_TIMEOUT_NS);
        buffered(socket).write(bytes, from, length);
      } finally {
        end();
        lock.unlock();
      }
    }
  }

  private boolean writeEarly(byte[] bytes, int from, int length) throws IOException {
    lock();
    try {
      if (opened.isDone() || early.size() + length > EARLY_BYTES_MAX) {
        return false;
      }
      early.write(bytes, from, length);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Called with the lock. */
  private OutputStream buffered(OutputStream socket) throws IOException {
    OutputStream current = out;
    if (current == null) {
      current = new BufferedOutputStream(socket, BUFFER_BYTES);
      out = current;
      early.writeTo(current);
    }
    return current;
  }

  /** Sends the buffered bytes if the connection is open. */
  @Override
  public void flush() throws IOException {
    if (!opened.isDone()) {
      return;
    }
    OutputStream socket = ConnectionFuture.await(opened);
    lock();
    try {
      begin(WRITE_TIMEOUT_NS);
      buffered(socket).flush();
    } finally {
      end();
      lock.unlock();
    }
  }

  private void lock() throws IOException {
    try {
      if (lock.tryLock(LOCK_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      // JGroups interrupts the thread of a connection that it closes, and expects this then.
      throw new SocketException("interrupted");
    }
    throw new IOException("another write is in progress");
  }
}

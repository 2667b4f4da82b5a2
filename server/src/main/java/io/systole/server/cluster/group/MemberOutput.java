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
 * is open, and never makes a thread wait for another that is blocked.
 */
final class MemberOutput extends OutputStream {
  /*
   * One thread of JGroups writes; the one that opens the connection flushes once; the one that
   * closes it writes a last word. All hold the lock, which guards early and out.
   *
   * busySinceNs and limitNs are volatile and written by the thread that begins, limitNs first. One
   * check may see the limit of the handshake for the first write, which is the shorter one, only if
   * the write begins between its two reads.
   */

  /** Of a handshake between two members in a network that works. */
  private static final long HANDSHAKE_NS = TimeUnit.SECONDS.toNanos(2);

  /** About as long as a member may be silent before it leaves the view. */
  private static final long WRITE_NS = TimeUnit.SECONDS.toNanos(10);

  private static final long LOCK_MS = 200;

  private static final int BUFFER_BYTES = 64 << 10;

  /** JGroups' greeting has some 20 bytes. */
  static final int EARLY_BYTES_MAX = 1_024;

  private final CompletableFuture<OutputStream> opened;
  private final ReentrantLock lock = new ReentrantLock();
  private final ByteArrayOutputStream early = new ByteArrayOutputStream();
  private @Nullable OutputStream out;
  private volatile long busySinceNs;
  private volatile long limitNs;

  /** @param opened the output of the socket, when the connection is open */
  MemberOutput(CompletableFuture<OutputStream> opened) {
    this.opened = opened;
  }

  /** Begins the time of the handshake. */
  void beginHandshake() {
    begin(HANDSHAKE_NS);
  }

  /** Ends the time of the handshake. */
  void endHandshake() {
    end();
  }

  private void begin(long limit) {
    limitNs = limit;
    busySinceNs = System.nanoTime() | 1;
  }

  private void end() {
    busySinceNs = 0;
  }

  /** Returns whether the handshake or a write takes longer than it may. */
  boolean isOverdue(long nowNs) {
    long since = busySinceNs;
    return since != 0 && nowNs - since > limitNs;
  }

  @Override
  public void write(int octet) throws IOException {
    write(new byte[] {(byte) octet}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    if (!writeEarly(bytes, from, length)) {
      OutputStream socket = Opening.await(opened);
      lock();
      try {
        begin(WRITE_NS);
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

  /** Sends what is buffered, if the connection is open. */
  @Override
  public void flush() throws IOException {
    if (!opened.isDone()) {
      return;
    }
    OutputStream socket = Opening.await(opened);
    lock();
    try {
      begin(WRITE_NS);
      buffered(socket).flush();
    } finally {
      end();
      lock.unlock();
    }
  }

  private void lock() throws IOException {
    try {
      if (lock.tryLock(LOCK_MS, TimeUnit.MILLISECONDS)) {
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

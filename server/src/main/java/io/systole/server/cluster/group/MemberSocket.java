// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import io.systole.server.cluster.group.MemberHandshake.Streams;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection to another member that carries JGroups' bytes once both have admitted each other.
 * Neither the handshake nor a write takes longer than its limit, if {@link #isOverdue} is called
 * now and then.
 */
final class MemberSocket extends Socket {
  /*
   * JGroups blocks in the handshake, and one of its threads at a time in a write; another thread
   * calls isOverdue, and close, which ends either. busySinceNs and limitNs are volatile, limitNs
   * written first: a mixed pair is of the same moment and thread, and at worst one check too early
   * sees the old limit, which the next write replaces.
   */

  /** Of two members in a network that works. */
  static final long HANDSHAKE_NS = TimeUnit.SECONDS.toNanos(2);

  /** About as long as a member may be silent before it leaves the view. */
  static final long WRITE_NS = TimeUnit.SECONDS.toNanos(10);

  /** For the goodbye of a connection that JGroups closes while another thread writes. */
  private static final long LOCK_MS = 200;

  private static final int BUFFER_BYTES = 64 << 10;

  private final MemberHandshake handshake;
  private final Set<MemberSocket> open;
  private final BiConsumer<SocketAddress, RefusedException> onRefused;
  private volatile long busySinceNs;
  private volatile long limitNs;
  private volatile @Nullable Streams admitted;

  /**
   * @param open the sockets that are open or opening; contains this one until it is closed
   * @param onRefused receives the address of a member to which this socket can't connect because
   *     one of both refuses the other
   */
  MemberSocket(
      MemberHandshake handshake,
      Set<MemberSocket> open,
      BiConsumer<SocketAddress, RefusedException> onRefused) {
    this.handshake = handshake;
    this.open = open;
    this.onRefused = onRefused;
  }

  @Override
  public void connect(SocketAddress address, int timeoutMs) throws IOException {
    open.add(this);
    try {
      super.connect(address, timeoutMs);
      setTcpNoDelay(true);
      begin(HANDSHAKE_NS);
      admit(handshake.connect(this));
    } catch (RefusedException refused) {
      close();
      onRefused.accept(address, refused);
      throw refused;
    } catch (IOException failure) {
      close();
      throw failure;
    }
  }

  /**
   * Admits the member that has opened this connection. Blocks.
   *
   * @throws IOException if one of both is not admitted, or the connection fails; it is closed then
   */
  void admit() throws IOException {
    open.add(this);
    begin(HANDSHAKE_NS);
    try {
      setTcpNoDelay(true);
      admit(handshake.accept(this));
    } catch (IOException failure) {
      close();
      throw failure;
    }
  }

  private void admit(Streams streams) {
    admitted = new Streams(streams.in(), new Output(streams.out()));
    end();
  }

  private void begin(long limit) {
    limitNs = limit;
    busySinceNs = System.nanoTime() | 1;
  }

  private void end() {
    busySinceNs = 0;
  }

  /** Returns whether a handshake or a write takes longer than it may. */
  boolean isOverdue(long nowNs) {
    long since = busySinceNs;
    return since != 0 && nowNs - since > limitNs;
  }

  /** Returns whether both sides have admitted each other. */
  boolean isAdmitted() {
    return admitted != null;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    Streams streams = admitted;
    return streams == null ? super.getInputStream() : streams.in();
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    Streams streams = admitted;
    return streams == null ? super.getOutputStream() : streams.out();
  }

  @Override
  public void close() throws IOException {
    open.remove(this);
    super.close();
  }

  /** Buffered output that never makes a second thread wait for one that is blocked. */
  private final class Output extends OutputStream {
    private final OutputStream out;
    private final ReentrantLock lock = new ReentrantLock();

    Output(OutputStream socket) {
      this.out = new BufferedOutputStream(socket, BUFFER_BYTES);
    }

    @Override
    public void write(int octet) throws IOException {
      write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      lock();
      try {
        begin(WRITE_NS);
        out.write(bytes, from, length);
      } finally {
        end();
        lock.unlock();
      }
    }

    @Override
    public void flush() throws IOException {
      lock();
      try {
        begin(WRITE_NS);
        out.flush();
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
      }
      throw new IOException("another write is in progress");
    }

    @Override
    public void close() throws IOException {
      MemberSocket.this.close();
    }
  }
}

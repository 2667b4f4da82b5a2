// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import io.systole.server.cluster.group.MemberHandshake.Streams;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jgroups.stack.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connection to another member that carries JGroups' bytes once both have admitted each other.
 *
 * <p>{@link #connect} does not wait for that: JGroups connects in the one thread that sends to all
 * members, and an address that doesn't respond would block it. The first bytes are buffered. Later
 * reads and writes wait; JGroups makes them in threads of this connection.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // The raw socket synchronizes.
final class MemberSocket extends Socket {
  /*
   * admitted is completed by the thread of the handshake, or exceptionally by close, in any thread.
   * target is volatile; connect writes it before it passes this socket to another thread.
   */

  /** A cookie, the version, and the length of the address that follows (JGroups' TcpConnection). */
  private static final int BEFORE_ADDRESS_BYTES = 8;

  /** More than those and an IPv6 address with its port. */
  private static final int FIRST_BYTES_MAX = 64;

  private final Socket raw;
  private final Context context;
  private final CompletableFuture<Streams> admitted = new CompletableFuture<>();
  private final MemberOutput output = new MemberOutput(admitted.thenApply(Streams::out));
  private volatile @Nullable InetSocketAddress target;

  /**
   * The state that all connections of a member share.
   *
   * @param open the sockets that are open or opening
   * @param threads runs the handshakes with members to which this one connects
   * @param onRefused receives the address of a member, if either side refuses the other
   */
  record Context(
      MemberHandshake handshake,
      Set<MemberSocket> open,
      Executor threads,
      BiConsumer<SocketAddress, RefusedException> onRefused) {}

  /** @param raw connected, or to be connected by {@link #connect} */
  MemberSocket(Socket raw, Context context) {
    this.raw = raw;
    this.context = context;
  }

  /** Begins to connect in another thread. */
  @Override
  public void connect(SocketAddress address, int timeoutMs) throws IOException {
    target = (InetSocketAddress) address;
    context.open().add(this);
    output.beginHandshake();
    try {
      context.threads().execute(() -> open(address, timeoutMs));
    } catch (RejectedExecutionException full) {
      close();
      throw new IOException("too many connections to members begin at a time", full);
    }
  }

  private void open(SocketAddress address, int timeoutMs) {
    try {
      raw.connect(address, timeoutMs);
      raw.setTcpNoDelay(true);
      admit(context.handshake().connect(raw));
    } catch (RefusedException refused) {
      context.onRefused().accept(address, refused);
      fail(refused);
    } catch (IOException failure) {
      fail(failure);
    }
  }

  /**
   * Admits the member that has opened this connection. Blocks, but for no longer than the timeout
   * of a handshake.
   *
   * @param isOfTransport whether JGroups' transport reads from this connection, in its only
   *     accepting thread; then this method waits for the bytes that it reads there
   * @throws IOException if either side refuses the other or the connection fails, which is closed
   */
  void accept(boolean isOfTransport) throws IOException {
    context.open().add(this);
    output.beginHandshake();
    try {
      raw.setTcpNoDelay(true);
      Streams streams = context.handshake().accept(raw);
      admit(isOfTransport ? new Streams(awaitAddress(streams.in()), streams.out()) : streams);
    } catch (IOException failure) {
      fail(failure);
      throw failure;
    }
  }

  /** Returns a stream of the same bytes, once the address at their beginning has arrived. */
  private static InputStream awaitAddress(InputStream in) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(in, FIRST_BYTES_MAX);
    buffered.mark(FIRST_BYTES_MAX);
    DataInputStream data = new DataInputStream(buffered);
    data.readFully(new byte[BEFORE_ADDRESS_BYTES]);
    new IpAddress().readFrom(data);
    buffered.reset();
    return buffered;
  }

  private void admit(Streams streams) throws IOException {
    output.endHandshake();
    admitted.complete(streams);
    output.flush();
  }

  private void fail(IOException failure) {
    try {
      close(failure);
    } catch (IOException ignored) {
      // It was not open.
    }
  }

  /** Closes the raw socket first, so that threads woken by the failure find it closed. */
  private void close(IOException reason) throws IOException {
    context.open().remove(this);
    try {
      raw.close();
    } finally {
      admitted.completeExceptionally(reason);
    }
  }

  /** Returns whether the handshake or a write has exceeded its timeout. */
  boolean isTimedOut(long nowNs) {
    return output.isTimedOut(nowNs);
  }

  /** Returns whether both sides have admitted each other. */
  boolean isAdmitted() {
    return admitted.isDone() && !admitted.isCompletedExceptionally();
  }

  @Override
  public InputStream getInputStream() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        return ConnectionFuture.await(admitted).in().read();
      }

      @Override
      public int read(byte[] bytes, int from, int length) throws IOException {
        return ConnectionFuture.await(admitted).in().read(bytes, from, length);
      }

      @Override
      public int available() throws IOException {
        return ConnectionFuture.await(admitted).in().available();
      }
    };
  }

  @Override
  public OutputStream getOutputStream() {
    return output;
  }

  @Override
  public void close() throws IOException {
    close(new SocketException("closed"));
  }

  @Override
  public void shutdownInput() throws IOException {
    raw.shutdownInput();
  }

  @Override
  public boolean isClosed() {
    return raw.isClosed();
  }

  /** Returns true once this socket begins to connect: JGroups checks it only at that time. */
  @Override
  public boolean isConnected() {
    return target != null || raw.isConnected();
  }

  @Override
  public void bind(SocketAddress address) throws IOException {
    raw.bind(address);
  }

  @Override
  public @Nullable InetAddress getInetAddress() {
    InetSocketAddress address = target;
    return address == null ? raw.getInetAddress() : address.getAddress();
  }

  @Override
  public int getPort() {
    InetSocketAddress address = target;
    return address == null ? raw.getPort() : address.getPort();
  }

  @Override
  public @Nullable SocketAddress getRemoteSocketAddress() {
    InetSocketAddress address = target;
    return address == null ? raw.getRemoteSocketAddress() : address;
  }

  @Override
  public InetAddress getLocalAddress() {
    return raw.getLocalAddress();
  }

  @Override
  public int getLocalPort() {
    return raw.getLocalPort();
  }

  @Override
  public @Nullable SocketAddress getLocalSocketAddress() {
    return raw.getLocalSocketAddress();
  }

  @Override
  public void setSoTimeout(int timeoutMs) throws SocketException {
    raw.setSoTimeout(timeoutMs);
  }

  @Override
  public int getSoTimeout() throws SocketException {
    return raw.getSoTimeout();
  }

  @Override
  public void setTcpNoDelay(boolean isOn) throws SocketException {
    raw.setTcpNoDelay(isOn);
  }

  @Override
  public void setKeepAlive(boolean isOn) throws SocketException {
    raw.setKeepAlive(isOn);
  }

  @Override
  public void setSoLinger(boolean isOn, int lingerSecs) throws SocketException {
    raw.setSoLinger(isOn, lingerSecs);
  }

  @Override
  public void setSendBufferSize(int bytes) throws SocketException {
    raw.setSendBufferSize(bytes);
  }

  @Override
  public void setReceiveBufferSize(int bytes) throws SocketException {
    raw.setReceiveBufferSize(bytes);
  }

  @Override
  public String toString() {
    return "MemberSocket[" + getRemoteSocketAddress() + "]";
  }
}

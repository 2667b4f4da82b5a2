// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.systole.server.cluster.group.MemberSocket.Context;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jgroups.util.DefaultSocketFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The factory of a member's sockets, which JGroups calls on any thread. A thread closes sockets
 * whose handshake or write has timed out.
 */
final class MemberSockets extends DefaultSocketFactory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MemberSockets.class);

  private static final long CHECK_MS = 250;

  /** The interval of checks while no socket is open. */
  private static final long IDLE_CHECK_MS = 1_000;

  /** The maximum number of connections being opened, to addresses of a discovery or to members. */
  private static final int CONNECTING_MAX = 64;

  private static final long IDLE_SECS = 5;

  /** The name by which JGroups' TcpServer requests the server socket of the transport. */
  private static final String TRANSPORT_SERVICE = "jgroups.tcp.server";

  private final MemberHandshake handshake;
  private final LogLimit limit = new LogLimit(System::nanoTime);
  private final Set<MemberSocket> open = ConcurrentHashMap.newKeySet();
  private final Thread watcher = new Thread(this::watch, "systole-cluster-watch");
  private final ThreadPoolExecutor connecting = new ThreadPoolExecutor(
      0,
      CONNECTING_MAX,
      IDLE_SECS,
      TimeUnit.SECONDS,
      new SynchronousQueue<>(),
      new DefaultThreadFactory("systole-cluster-connect", true));
  private final Context context;
  private final MemberServerSocket server;

  /** The server sockets of other protocols in the operator's stack, such as FD_SOCK. */
  private final List<MemberServerSocket> others = new CopyOnWriteArrayList<>();

  private volatile @Nullable String refusal;
  private volatile boolean isClosed;

  MemberSockets(GroupSettings settings) throws IOException {
    this.handshake = new MemberHandshake(settings);
    this.context = new Context(handshake, open, connecting, this::onRefused);
    this.server = new MemberServerSocket(context, limit, true);
  }

  /**
   * Binds the port and begins to watch files and sockets.
   *
   * @return the address with the port that is bound
   * @throws IOException if it can't be bound; names the address
   */
  InetSocketAddress bind(InetSocketAddress address) throws IOException {
    try {
      server.setReuseAddress(true);
      server.bind(address);
    } catch (IOException taken) {
      throw new IOException(
          "cannot listen for members of the cluster at " + MemberId.nameOf(address) + ": "
              + taken.getMessage(),
          taken);
    }
    start();
    return new InetSocketAddress(address.getAddress(), server.getLocalPort());
  }

  /** Begins to watch files and sockets. */
  void start() {
    watcher.setDaemon(true);
    watcher.start();
    handshake.watchFiles();
  }

  /** Returns the address and reason of the last refused connection to a member, or null. */
  @Nullable
  String refusal() {
    return refusal;
  }

  @Override
  public Socket createSocket(String service) {
    return new MemberSocket(new Socket(), context);
  }

  private void onRefused(SocketAddress address, RefusedException refused) {
    String text = address + ": " + refused.getMessage();
    refusal = text;
    if (limit.admits("refused by " + text)) {
      LOG.warn("not admitted by a member of the cluster: {}", text);
    }
  }

  /** Returns the bound socket for the transport, and a new one for any other protocol. */
  @Override
  public ServerSocket createServerSocket(String service) throws IOException {
    if (service.equals(TRANSPORT_SERVICE)) {
      return server;
    }
    MemberServerSocket other = new MemberServerSocket(context, limit, false);
    others.add(other);
    return other;
  }

  private void watch() {
    try {
      while (!isClosed) {
        long nowNs = System.nanoTime();
        for (MemberSocket socket : open) {
          if (socket.isTimedOut(nowNs)) {
            closeTimedOut(socket);
          }
        }
        Thread.sleep(open.isEmpty() ? IDLE_CHECK_MS : CHECK_MS);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private static void closeTimedOut(MemberSocket socket) {
    if (socket.isAdmitted()) {
      LOG.warn(
          "closed the connection to a member that reads nothing remote={}",
          socket.getRemoteSocketAddress());
    }
    close(socket);
  }

  private static void close(MemberSocket socket) {
    try {
      socket.close();
    } catch (IOException failure) {
      LOG.debug("cannot close a connection to a member: {}", failure.getMessage());
    }
  }

  /** Closes the port and all connections. */
  @Override
  public void close() {
    isClosed = true;
    watcher.interrupt();
    handshake.close();
    connecting.shutdownNow();
    close(server);
    others.forEach(MemberSockets::close);
    open.forEach(MemberSockets::close);
  }

  private static void close(MemberServerSocket port) {
    try {
      port.close();
    } catch (IOException failure) {
      LOG.debug("cannot close the cluster port: {}", failure.getMessage());
    }
  }
}

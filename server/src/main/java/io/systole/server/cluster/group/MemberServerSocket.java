// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import io.systole.server.cluster.group.MemberSocket.Context;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.ArrayDeque;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server socket for members. {@link #accept} returns a connection only after the handshake has
 * admitted the member, since JGroups trusts the lengths that it reads. On connections of JGroups'
 * transport the first message has arrived too, since JGroups waits for it in its only accepting
 * thread: connections that send nothing would keep members from joining.
 *
 * <p>At most {@link #HANDSHAKES_MAX} handshakes run at a time, and a new one closes the oldest. So
 * members are admitted even if thousands of connections send nothing, or garbage.
 */
final class MemberServerSocket extends ServerSocket {
  /*
   * The acceptor thread accepts connections, the pool runs their handshakes, and JGroups' accepting
   * thread takes them from the queue of admitted ones. handshaking is guarded by its own monitor.
   */
  private static final Logger LOG = LoggerFactory.getLogger(MemberServerSocket.class);

  /** The maximum number of connections that are not admitted yet. */
  static final int HANDSHAKES_MAX = 64;

  /** The maximum number of connections; a member has one to each other member, two for a moment. */
  static final int CONNECTIONS_MAX = 512;

  private static final int BACKLOG = 128;

  /** The delay after a failure to accept, such as too many open files. */
  private static final long RETRY_MS = 100;

  private static final long IDLE_SECS = 5;

  private static final int STACK_BYTES = 256 << 10;

  private final Context context;
  private final LogLimit limit;
  private final boolean isOfTransport;
  private final BlockingQueue<MemberSocket> admitted = new ArrayBlockingQueue<>(CONNECTIONS_MAX);
  private final ArrayDeque<MemberSocket> handshaking = new ArrayDeque<>();
  private final Thread acceptor =
      new Thread(null, this::acceptAll, "systole-cluster-accept", STACK_BYTES);

  /** Twice as many as handshakes, since one that was closed needs a moment to end. */
  private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
      0,
      2 * HANDSHAKES_MAX,
      IDLE_SECS,
      TimeUnit.SECONDS,
      new SynchronousQueue<>(),
      task -> daemon(new Thread(null, task, "systole-cluster-handshake", STACK_BYTES)));

  /** @param isOfTransport whether JGroups' transport accepts, not another protocol */
  MemberServerSocket(Context context, LogLimit limit, boolean isOfTransport) throws IOException {
    this.context = context;
    this.limit = limit;
    this.isOfTransport = isOfTransport;
  }

  private static Thread daemon(Thread thread) {
    thread.setDaemon(true);
    return thread;
  }

  /** Binds the socket unless it is bound: JGroups binds it again. */
  @Override
  public void bind(SocketAddress address, int ignoredBacklog) throws IOException {
    if (!isBound()) {
      super.bind(address, BACKLOG);
    }
  }

  /** Returns the next admitted connection. For one thread. */
  @Override
  public Socket accept() throws IOException {
    if (acceptor.getState() == Thread.State.NEW) {
      daemon(acceptor).start();
    }
    try {
      return admitted.take();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new SocketException("interrupted");
    }
  }

  private void acceptAll() {
    while (!isClosed()) {
      try {
        Socket socket = new Socket();
        implAccept(socket);
        begin(new MemberSocket(socket, context));
      } catch (IOException failure) {
        if (!isClosed()) {
          pause(failure);
        }
      }
    }
  }

  private void pause(IOException failure) {
    if (limit.admits("accept")) {
      LOG.warn("cannot accept a connection to the cluster port: {}", failure.getMessage());
    }
    try {
      Thread.sleep(RETRY_MS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void begin(MemberSocket socket) throws IOException {
    if (context.open().size() >= CONNECTIONS_MAX + HANDSHAKES_MAX) {
      socket.close();
      warnOfFull();
      return;
    }
    MemberSocket oldest = null;
    synchronized (handshaking) {
      if (handshaking.size() == HANDSHAKES_MAX) {
        oldest = handshaking.poll();
      }
      handshaking.add(socket);
    }
    if (oldest != null) {
      oldest.close();
      warnOfFull();
    }
    try {
      threads.execute(() -> admit(socket));
    } catch (RejectedExecutionException full) {
      end(socket);
      socket.close();
    }
  }

  private void warnOfFull() {
    if (limit.admits("full")) {
      LOG.warn(
          "too many connections to the cluster port handshakesMax={} connectionsMax={}",
          HANDSHAKES_MAX,
          CONNECTIONS_MAX);
    }
  }

  private void end(MemberSocket socket) {
    synchronized (handshaking) {
      handshaking.remove(socket);
    }
  }

  private void admit(MemberSocket socket) {
    try {
      socket.accept(isOfTransport);
      if (!admitted.offer(socket)) {
        socket.close();
      }
    } catch (RefusedException refused) {
      if (limit.admits("refused " + refused.getMessage())) {
        LOG.warn(
            "refused a member of the cluster: {} remote={}",
            refused.getMessage(),
            socket.getInetAddress());
      }
    } catch (IOException failure) {
      LOG.debug("a connection to the cluster port ended early: {}", failure.getMessage());
    } finally {
      end(socket);
    }
  }

  @Override
  public void close() throws IOException {
    super.close();
    threads.shutdownNow();
    for (MemberSocket socket = admitted.poll(); socket != null; socket = admitted.poll()) {
      socket.close();
    }
    synchronized (handshaking) {
      for (MemberSocket socket : handshaking) {
        socket.close();
      }
    }
  }
}

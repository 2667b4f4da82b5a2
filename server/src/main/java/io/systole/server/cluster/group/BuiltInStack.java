// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.jgroups.JChannel;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST4;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.Protocol;

/**
 * JGroups' protocols for plain TCP networks, with one port.
 *
 * <p>The crash of a member is detected by its closed connections, which the transport reports
 * ({@code enable_suspect_events}); FD_SOCK2 would need a port of its own. A frozen or unreachable
 * member is detected by missing heartbeats.
 *
 * <p>NAKACK2, with MFC and STABLE, is as fast here as its successor NAKACK4, which is a preview and
 * bounds unacknowledged messages by number, not by bytes.
 *
 * <p>Each connection has a queue and a thread that writes. If the one bundler thread wrote, a
 * frozen member whose socket is full would stop all traffic until it has left the view.
 */
final class BuiltInStack {
  /** Larger messages are split into fragments. A fragment and its headers fit into one bundle. */
  static final int FRAGMENT_BYTES = 61_440;

  /** The maximum size of a message between JGroups' transports: a bundle, or a list of members. */
  private static final int FRAME_BYTES_MAX = 1 << 20;

  /** Queued bundles of up to 64 KB for a connection; those that don't fit are retransmitted. */
  private static final int CONNECTION_QUEUE_MAX = 128;

  private static final int CONNECT_MS = 1_000;

  /** The bytes that a member may send to another, or to all, before they are acknowledged. */
  private static final int CREDIT_BYTES = 4 << 20;

  /**
   * One thread for each member whose messages are being delivered, one for each open discovery
   * request, and timers. JGroups adds to it if the view is larger.
   */
  private static final int THREADS_MAX = 32;

  private static final long IDLE_MS = 10_000;

  private static final int JOIN_ATTEMPTS_MAX = 5;

  private static final long LEAVE_MS = 500;

  private static final long RETRANSMIT_MS = 200;

  /**
   * How often the sequence number of the last message is sent again: no later message would reveal
   * the loss of it.
   */
  private static final int LAST_RESENT_MAX = 10;

  private BuiltInStack() {}

  /**
   * Creates the channel.
   *
   * @param bind the address and port that the sockets are bound to
   */
  static JChannel channel(
      InetSocketAddress bind,
      List<InetSocketAddress> members,
      MemberSockets sockets,
      GroupTimeouts timeouts)
      throws IOException {
    TCP transport = transport(bind, sockets);
    JChannel channel;
    try {
      channel = new JChannel(protocols(transport, members, timeouts));
    } catch (Exception invalid) {
      throw new IOException("cannot open the cluster: " + invalid.getMessage(), invalid);
    }
    // MemberOutput buffers. The bundler requires a buffer size while it is initialized.
    transport.setBufferedOutputStreamSize(0);
    return channel;
  }

  private static List<Protocol> protocols(
      TCP transport, List<InetSocketAddress> members, GroupTimeouts timeouts) {
    return List.of(
        transport,
        new AddressDiscovery(members),
        new MERGE3()
            .setMinInterval(timeouts.mergeMs() / 3)
            .setMaxInterval(timeouts.mergeMs())
            .setCheckInterval(timeouts.mergeMs() + 1),
        new FD_ALL3().setTimeout(timeouts.suspectMs()).setInterval(timeouts.heartbeatMs()),
        new VERIFY_SUSPECT2().setTimeout(timeouts.verifyMs()),
        new NAKACK2().setXmitInterval(RETRANSMIT_MS).setResendLastSeqnoMaxTimes(LAST_RESENT_MAX),
        new UNICAST4().setXmitInterval(RETRANSMIT_MS),
        new STABLE().setMaxBytes(CREDIT_BYTES),
        new GMS()
            .setJoinTimeout(timeouts.joinMs())
            .setMaxJoinAttempts(JOIN_ATTEMPTS_MAX)
            .setLeaveTimeout(LEAVE_MS)
            .printLocalAddress(false),
        new UFC().setMaxCredits(CREDIT_BYTES),
        new MFC().setMaxCredits(CREDIT_BYTES),
        new FRAG4().setFragSize(FRAGMENT_BYTES));
  }

  private static TCP transport(InetSocketAddress bind, MemberSockets sockets) {
    TCP tcp = new TCP();
    tcp.setBindAddress(bind.getAddress()).setBindPort(bind.getPort()).setPortRange(0);
    tcp.setSocketFactory(sockets);
    tcp.useVirtualThreads(false).setBundlerType("transfer-queue");
    tcp.tcpNodelay(true)
        .setSockConnTimeout(CONNECT_MS)
        .setMaxLength(FRAME_BYTES_MAX)
        .logDetails(false)
        .enableSuspectEvents(true);
    tcp.logAcceptError(false).nonBlockingSends(true).maxSendQueue(CONNECTION_QUEUE_MAX);
    tcp.getThreadPool().setMaxThreads(THREADS_MAX).setKeepAliveTime(IDLE_MS);
    return tcp;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.JChannel;
import org.jgroups.MergeView;
import org.jgroups.Message;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jgroups.util.NameCache;
import org.jgroups.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A group on JGroups, with the built-in stack or that of the operator. */
public final class JGroupsGroup implements Group {
  /*
   * JGroups calls Events: viewAccepted one call at a time, under its monitor; receive on any of its
   * threads. members is volatile and immutable, replaced by viewAccepted and read by senders.
   * listener is volatile, set by join before the channel connects, and reset by close.
   */
  private static final Logger LOG = LoggerFactory.getLogger(JGroupsGroup.class);

  /** The timeout of leaving gracefully; then the connections are closed. */
  private static final long LEAVE_MS = 1_500;

  private static final long CLOSE_MS = 500;

  static {
    JGroupsLog.install();
  }

  private final GroupSettings settings;
  private final MemberSockets sockets;
  private final JChannel channel;
  private final MemberId self;
  private final Events events = new Events();
  private volatile Map<MemberId, Address> members = Map.of();
  private volatile @Nullable GroupListener listener;

  private JGroupsGroup(
      GroupSettings settings, MemberSockets sockets, JChannel channel, UUID address, String name) {
    this.settings = settings;
    this.sockets = sockets;
    this.channel = channel;
    this.self = new MemberId(address.getMostSignificantBits(), name);
    channel.addAddressGenerator(() -> address).setName(name).setReceiver(events);
  }

  /**
   * Reads the files of the settings, as {@link #open} does.
   *
   * @throws IOException if a file can't be used
   */
  public static void requireUsable(GroupSettings settings) throws IOException {
    Path stackFile = settings.stackFile();
    try (MemberSockets sockets = new MemberSockets(settings)) {
      if (stackFile != null) {
        OperatorStack.channel(stackFile, settings, sockets).close();
      }
    }
  }

  /**
   * Binds the port. Nothing is sent or received before {@link #join}.
   *
   * @throws IOException if the port can't be bound, or a file can't be used
   */
  public static JGroupsGroup open(GroupSettings settings) throws IOException {
    return open(settings, GroupTimeouts.DEFAULT);
  }

  static JGroupsGroup open(GroupSettings settings, GroupTimeouts timeouts) throws IOException {
    InetAddress address = settings.bind().getAddress();
    if (address == null || address.isAnyLocalAddress()) {
      throw new IOException("members of the cluster need one address of this machine, not "
          + settings.bind().getHostString());
    }
    warnIfOpen(settings);
    MemberSockets sockets = new MemberSockets(settings);
    try {
      return open(settings, sockets, timeouts);
    } catch (IOException | RuntimeException failure) {
      sockets.close();
      throw failure;
    }
  }

  private static JGroupsGroup open(
      GroupSettings settings, MemberSockets sockets, GroupTimeouts timeouts) throws IOException {
    Path stackFile = settings.stackFile();
    InetSocketAddress bound = settings.bind();
    JChannel channel;
    if (stackFile == null) {
      bound = sockets.bind(bound);
      channel =
          BuiltInStack.channel(bound, discovered(settings, bound.getPort()), sockets, timeouts);
    } else {
      channel = OperatorStack.channel(stackFile, settings, sockets);
      sockets.start();
    }
    SecureRandom random = new SecureRandom();
    UUID address = new UUID(random.nextLong(), random.nextLong());
    return new JGroupsGroup(settings, sockets, channel, address, MemberId.nameOf(bound));
  }

  private static List<InetSocketAddress> discovered(GroupSettings settings, int port) {
    String name = settings.dnsName();
    return name == null
        ? settings.members()
        : List.of(InetSocketAddress.createUnresolved(name, port));
  }

  /** Warns about a group that any other machine may join. */
  static void warnIfOpen(GroupSettings settings) {
    InetAddress address = settings.bind().getAddress();
    if (settings.secretFile() == null && settings.tls() == null && !address.isLoopbackAddress()) {
      LOG.warn(
          "anyone who reaches the cluster port can join, and change every instance;"
              + " --cluster-secret-file or --cluster-certificate restricts that address={}",
          settings.bind());
    }
  }

  @Override
  public MemberId self() {
    return self;
  }

  @Override
  public void join(GroupListener receiver) throws IOException {
    listener = receiver;
    try {
      channel.connect(settings.name());
    } catch (Exception failure) {
      close();
      throw new IOException(
          "cannot join the cluster " + settings.name() + ": " + failure.getMessage(), failure);
    }
    String refusal = sockets.refusal();
    if (refusal != null && members.size() == 1) {
      close();
      throw new IOException("cannot join the cluster " + settings.name() + ": " + refusal);
    }
  }

  @Override
  public boolean multicast(byte[] message) {
    requireSize(message, MESSAGE_BYTES_MAX);
    return members.size() <= 1 || send(new BytesMessage(null, message));
  }

  @Override
  public void multicastUnreliably(byte[] message) {
    requireSize(message, UNRELIABLE_BYTES_MAX);
    if (members.size() > 1) {
      boolean unused = send(new BytesMessage(null, message)
          .setFlag(Message.Flag.OOB, Message.Flag.NO_RELIABILITY, Message.Flag.NO_FC)
          .setFlag(Message.TransientFlag.DONT_BLOCK));
    }
  }

  @Override
  public boolean send(MemberId receiver, byte[] message) {
    requireSize(message, MESSAGE_BYTES_MAX);
    Address address = members.get(receiver);
    return address != null && !receiver.equals(self) && send(new BytesMessage(address, message));
  }

  private static void requireSize(byte[] message, int bytesMax) {
    if (message.length > bytesMax) {
      throw new IllegalArgumentException(
          "message of " + message.length + " bytes, at most " + bytesMax);
    }
  }

  /** Returns false if JGroups has not taken over the message. */
  private boolean send(Message message) {
    try {
      channel.send(message.setFlag(Message.TransientFlag.DONT_LOOPBACK));
      return true;
    } catch (Exception failure) {
      // The group is being closed.
      LOG.debug("a message to members was not sent: {}", failure.getMessage());
      return false;
    }
  }

  @Override
  public void close() {
    listener = null;
    Thread leaving = new Thread(channel::close, "systole-cluster-leave");
    leaving.setDaemon(true);
    leaving.start();
    try {
      leaving.join(LEAVE_MS);
      sockets.close();
      leaving.join(CLOSE_MS);
    } catch (InterruptedException interrupted) {
      sockets.close();
      Thread.currentThread().interrupt();
    }
    members = Map.of();
  }

  /** Closes the connections without leaving, for tests. */
  void crash() {
    listener = null;
    sockets.close();
    channel.close();
  }

  /** Returns the channel, for faults in tests. */
  JChannel channel() {
    return channel;
  }

  /** Receives what JGroups delivers. */
  private final class Events implements Receiver {
    private long number;

    @Override
    public synchronized void viewAccepted(View view) {
      Map<MemberId, Address> next = new LinkedHashMap<>();
      for (Address address : view.getMembersRaw()) {
        next.put(id(address), address);
      }
      members = next;
      number++;
      GroupView accepted =
          new GroupView(number, List.copyOf(next.keySet()), view instanceof MergeView);
      LOG.debug(
          "view of the cluster {} number={} isMerge={} members={}",
          settings.name(),
          number,
          accepted.isMerge(),
          accepted.members());
      GroupListener receiver = listener;
      if (receiver != null) {
        receiver.onView(accepted);
      }
    }

    @Override
    public void receive(Message message) {
      GroupListener receiver = listener;
      if (receiver != null && message.hasArray()) {
        receiver.onMessage(
            id(message.getSrc()), message.getArray(), message.getOffset(), message.getLength());
      }
    }

    private MemberId id(Address address) {
      long epoch = ((UUID) address).getMostSignificantBits();
      String name = NameCache.get(address);
      return new MemberId(epoch, name == null ? Long.toHexString(epoch) : name);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.PhysicalAddress;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.Discovery;
import org.jgroups.protocols.PingData;
import org.jgroups.protocols.PingHeader;
import org.jgroups.stack.IpAddress;
import org.jgroups.util.ByteArray;
import org.jgroups.util.NameCache;
import org.jgroups.util.Responses;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Discovery of members at configured addresses. Names are resolved at each discovery, since their
 * addresses may change, and a name with several addresses stands for several members. TCPPING
 * resolves names only once; DNS_PING requires a name server and ignores the resolver of the host.
 *
 * <p>Public for JGroups, which creates protocols by reflection.
 */
public final class AddressDiscovery extends Discovery {
  /** In the range that JGroups leaves to protocols of others. */
  private static final short PROTOCOL_ID = 1_417;

  /** The maximum number of addresses in one discovery; others are ignored. */
  static final int ADDRESSES_MAX = 256;

  private static final Logger LOG = LoggerFactory.getLogger(AddressDiscovery.class);

  static {
    ClassConfigurator.addProtocol(PROTOCOL_ID, AddressDiscovery.class);
  }

  private final LogLimit limit = new LogLimit(System::nanoTime);
  private List<InetSocketAddress> addresses = List.of();

  /** Creates a discovery of no members. */
  public AddressDiscovery() {
    // Resolving a name blocks, and so does a request while its connection opens.
    async_discovery = true;
    async_discovery_use_separate_thread_per_request = true;
    // A request is lost if two members connect to each other at once: one connection is closed.
    num_discovery_runs = 3;
  }

  /** @param members resolved each time; may contain this one. To be called before the start */
  AddressDiscovery(List<InetSocketAddress> members) {
    this();
    this.addresses = List.copyOf(members);
  }

  /** Returns false: the coordinator sends newcomers the addresses of members that no list names. */
  @Override
  public boolean isDynamic() {
    return false;
  }

  @Override
  protected void findMembers(List<Address> members, boolean isInitial, Responses responses) {
    PhysicalAddress self =
        (PhysicalAddress) down(new Event(Event.GET_PHYSICAL_ADDRESS, local_addr));
    PingData data = new PingData(local_addr, false, NameCache.get(local_addr), self);
    if (members != null && members.size() <= max_members_in_discovery_request) {
      data.mbrs(members);
    }
    ByteArray content = marshal(data);
    PingHeader header = new PingHeader(PingHeader.GET_MBRS_REQ)
        .clusterName(cluster_name)
        .initialDiscovery(isInitial);
    for (PhysicalAddress address : resolve(transport.getBindAddr())) {
      if (!address.equals(self)) {
        Message request = new BytesMessage(address)
            .setFlag(Message.Flag.DONT_BUNDLE, Message.Flag.OOB)
            .setFlag(Message.TransientFlag.DONT_LOOPBACK)
            .putHeader(id, header)
            .setArray(content);
        timer.execute(() -> send(request), true);
      }
    }
  }

  private void send(Message request) {
    try {
      down_prot.down(request);
    } catch (RuntimeException unreachable) {
      LOG.debug("no member at {}: {}", request.getDest(), unreachable.getMessage());
    }
  }

  /**
   * Returns the addresses of all names that can be resolved; blocks meanwhile.
   *
   * @param own the address of this member; addresses of another IP version are ignored
   */
  Set<PhysicalAddress> resolve(InetAddress own) {
    Set<PhysicalAddress> found = new LinkedHashSet<>();
    List<String> unknown = new ArrayList<>();
    for (InetSocketAddress address : addresses) {
      try {
        Arrays.stream(InetAddress.getAllByName(address.getHostString()))
            .filter(ip -> ip.getClass() == own.getClass())
            .map(ip -> new IpAddress(ip, address.getPort()))
            .limit(ADDRESSES_MAX - found.size())
            .forEach(found::add);
      } catch (UnknownHostException unresolved) {
        unknown.add(address.getHostString());
      }
    }
    if (!unknown.isEmpty() && limit.admits("unknown")) {
      LOG.warn("cannot resolve names of cluster members names={}", unknown);
    }
    return found;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.client.net.ServerAddress;
import io.systole.server.peer.PeerStatus.LinkState;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The links to all addresses of peers: one for each URL and address. Of those to one address, at
 * most one replicates to a node. Confined to the peer thread.
 */
final class LinkSet implements PeerLink.NodeClaims {
  private static final Logger LOG = LoggerFactory.getLogger(LinkSet.class);

  private final Map<PeerAddress, PeerLink> links = new LinkedHashMap<>();

  /** The number of addresses without a link by server. */
  private final Map<ServerAddress, Integer> omitted = new HashMap<>();

  private final LinkEnvironment environment;
  private final String nodeId;
  private final Predicate<PeerAddress> isElected;
  private final Consumer<List<PeerLink>> onLinks;

  /**
   * Creates an empty set.
   *
   * @param nodeId the id of this run, as in {@code Systole-Node}
   * @param isElected returns whether this member of a native cluster replicates to a peer
   * @param onLinks receives the current links whenever they may have changed
   */
  LinkSet(
      LinkEnvironment environment,
      String nodeId,
      Predicate<PeerAddress> isElected,
      Consumer<List<PeerLink>> onLinks) {
    this.environment = environment;
    this.nodeId = nodeId;
    this.isElected = isElected;
    this.onLinks = onLinks;
  }

  /** Adds links to new addresses of a server, and closes those to former ones. */
  void reconcile(ServerAddress server, Set<PeerAddress> peers) {
    close(peer -> peer.server().equals(server) && !peers.contains(peer));
    int addressesOmitted = 0;
    for (PeerAddress peer : peers) {
      if (links.containsKey(peer)) {
        continue;
      }
      if (links.size() < PeerUrls.PEERS_MAX) {
        open(peer);
      } else {
        addressesOmitted++;
      }
    }
    updateOmitted(server, addressesOmitted);
    publish();
  }

  /** Logs how many addresses of a server have no link, when that changes. */
  private void updateOmitted(ServerAddress server, int addresses) {
    Integer before = omitted.put(server, addresses);
    if (addresses > 0 && (before == null || before != addresses)) {
      LOG.warn(
          "more than {} addresses of peers, not replicating to the others url={} addresses={}",
          PeerUrls.PEERS_MAX,
          server,
          addresses);
    }
  }

  private void open(PeerAddress peer) {
    PeerLink link = new PeerLink(peer, environment, this);
    links.put(peer, link);
    link.elect(isElected.test(peer));
    link.probe();
  }

  /** Closes the links to those servers that are not configured any more. */
  void retain(Set<ServerAddress> servers) {
    close(peer -> !servers.contains(peer.server()));
    omitted.keySet().retainAll(servers);
    publish();
  }

  private void close(Predicate<PeerAddress> isClosed) {
    links.entrySet().removeIf(entry -> {
      boolean closes = isClosed.test(entry.getKey());
      if (closes) {
        entry.getValue().close();
      }
      return closes;
    });
  }

  private void publish() {
    onLinks.accept(List.copyOf(links.values()));
  }

  @Override
  public LinkState claim(PeerLink link, @Nullable String peerId) {
    if (peerId == null) {
      return LinkState.UP;
    }
    if (peerId.equals(nodeId)) {
      return LinkState.SELF;
    }
    // The id alone proves nothing: it is public, so any peer can send that of another.
    List<PeerLink> others = links.values().stream()
        .filter(other -> other != link && other.isActive() && peerId.equals(other.nodeId()))
        .toList();
    if (others.stream().anyMatch(other -> other.address().equals(link.address()))) {
      return LinkState.DUPLICATE;
    }
    others.stream().findFirst().ifPresent(link::sharesNode);
    return LinkState.UP;
  }

  /** Adds renewed slots, as words of a bit set. */
  void addRenewalsDue(long[] words) {
    links.values().forEach(link -> link.addRenewalsDue(words));
  }

  /** Sends what is due and can be sent to the peers for which this member is elected. */
  void send() {
    links.forEach((peer, link) -> {
      link.elect(isElected.test(peer));
      link.send();
    });
  }

  /** Returns whether the peers have accepted everything, except those that are down. */
  boolean isDrained() {
    return links.values().stream().allMatch(link -> !link.isActive() || link.isIdle());
  }
}

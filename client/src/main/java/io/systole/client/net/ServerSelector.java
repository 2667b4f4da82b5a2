// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.systole.client.api.ServerState;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The server order of one event loop: zone by zone, and within a zone in random order, so that
 * clients which lost a server do not all fail over to the same one. Servers learned from a native
 * cluster are the last zone.
 */
final class ServerSelector {
  /** The delay if there is no server to wait for. */
  static final long NEVER = Long.MAX_VALUE;

  /** The name of the zone of learned servers. */
  static final String LEARNED = "members";

  private final List<ServerHealth> order = new ArrayList<>();
  private final HealthSettings settings;
  private final SplittableRandom random;
  private final boolean mayReturn;
  private final Zone learnedZone = new Zone(LEARNED, List.of());
  private final int learnedRank;

  /** Number of configured servers, which precede the learned ones. */
  private final int configuredCount;

  /** @param zones in the order of preference, each with at least one server */
  ServerSelector(List<Zone> zones, HealthSettings settings, SplittableRandom random) {
    this.settings = settings;
    this.random = random;
    mayReturn = settings.returnDelayMs() > 0;
    learnedRank = zones.size();
    for (int rank = 0; rank < zones.size(); rank++) {
      Zone zone = zones.get(rank);
      for (ServerAddress address : shuffled(zone.servers(), random)) {
        order.add(new ServerHealth(address, zone, rank, settings, random.split()));
      }
    }
    configuredCount = order.size();
  }

  /**
   * Replaces the learned servers. Those listed again keep their health and order.
   *
   * @param members without configured servers
   * @param isUsed a learned server for which this returns true stays until a later call
   * @return whether a server was added or removed
   */
  boolean learn(List<ServerAddress> members, Predicate<ServerHealth> isUsed) {
    List<ServerHealth> learned = order.subList(configuredCount, order.size());
    Set<URI> listed = members.stream().map(ServerAddress::url).collect(Collectors.toSet());
    boolean isChanged = learned.removeIf(
        server -> !listed.contains(server.address().url()) && !isUsed.test(server));
    learned.forEach(server -> listed.remove(server.address().url()));
    for (ServerAddress member : members) {
      if (listed.contains(member.url())) {
        int index = configuredCount + random.nextInt(order.size() - configuredCount + 1);
        order.add(
            index, new ServerHealth(member, learnedZone, learnedRank, settings, random.split()));
        isChanged = true;
      }
    }
    return isChanged;
  }

  /** Returns the number of learned servers. */
  int learnedCount() {
    return order.size() - configuredCount;
  }

  /** Returns the service URLs of the configured servers. */
  List<URI> configured() {
    return order.subList(0, configuredCount).stream()
        .map(server -> server.address().url())
        .toList();
  }

  /** Returns a uniformly random permutation (Fisher and Yates). */
  private static List<ServerAddress> shuffled(List<ServerAddress> all, SplittableRandom random) {
    List<ServerAddress> left = new ArrayList<>(all);
    List<ServerAddress> drawn = new ArrayList<>();
    while (!left.isEmpty()) {
      drawn.add(left.remove(random.nextInt(left.size())));
    }
    return drawn;
  }

  /** Returns all servers in order of preference. */
  List<ServerHealth> inOrder() {
    return order;
  }

  /**
   * Returns the state of each server in this order.
   *
   * @param wallMs epoch ms at the same time
   */
  List<ServerState> states(long nowNs, long wallMs, @Nullable ServerHealth inUse) {
    return order.stream()
        .map(server -> server.state(nowNs, wallMs, server == inUse))
        .toList();
  }

  /**
   * Returns the available server with the fewest consecutive failures, the first of equals. So no
   * server is tried twice before each was tried once.
   *
   * @param except excluded server, or null
   * @return null if none is available
   */
  @Nullable
  ServerHealth next(long nowNs, @Nullable ServerHealth except) {
    ServerHealth best = null;
    for (ServerHealth server : order) {
      boolean isCandidate = server != except && server.isReady(nowNs);
      if (isCandidate && (best == null || server.failuresInRow() < best.failuresInRow())) {
        best = server;
      }
    }
    return best;
  }

  /** Returns the delay until {@link #next} returns a server, or {@link #NEVER}. */
  long nextWaitNs(long nowNs, @Nullable ServerHealth except) {
    long least = NEVER;
    for (ServerHealth server : order) {
      if (server != except) {
        least = Math.min(least, server.waitNs(nowNs));
      }
    }
    return least;
  }

  /** Returns the first server of a more preferred zone that a loop may return to, or null. */
  @Nullable
  ServerHealth better(long nowNs, ServerHealth than) {
    for (ServerHealth server : order) {
      if (isBetter(server, than) && server.returnWaitNs(nowNs) <= 0) {
        return server;
      }
    }
    return null;
  }

  /** Returns the delay until {@link #better} returns a server, or {@link #NEVER}. */
  long betterWaitNs(long nowNs, ServerHealth than) {
    long least = NEVER;
    for (ServerHealth server : order) {
      if (isBetter(server, than)) {
        least = Math.min(least, server.returnWaitNs(nowNs));
      }
    }
    return Math.max(0, least);
  }

  private boolean isBetter(ServerHealth server, ServerHealth than) {
    return mayReturn && server.rank() < than.rank();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.systole.client.api.ServerState;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The server order of one event loop: zone by zone, and within a zone in random order, so that
 * clients which lost a server do not all fail over to the same one.
 */
final class ServerSelector {
  /** The delay if there is no server to wait for. */
  static final long NEVER = Long.MAX_VALUE;

  private final List<ServerHealth> order = new ArrayList<>();
  private final boolean mayReturn;

  /** @param zones in the order of preference, each with at least one server */
  ServerSelector(List<Zone> zones, HealthSettings settings, SplittableRandom random) {
    mayReturn = settings.returnDelayMs() > 0;
    for (int rank = 0; rank < zones.size(); rank++) {
      Zone zone = zones.get(rank);
      for (ServerAddress address : shuffled(zone.servers(), random)) {
        order.add(new ServerHealth(address, zone, rank, settings, random.split()));
      }
    }
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

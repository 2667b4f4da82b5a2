// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Who next. One event loop's order of all servers: zone after zone, and within a zone an order of
 * its own, so that a fleet which lost a server does not fall upon one other.
 */
final class ServerSelector {
  /** What a wait is when there is nothing to wait for. */
  static final long NEVER = Long.MAX_VALUE;

  private final List<ServerHealth> order = new ArrayList<>();
  private final boolean mayReturn;

  /** @param zones in the order of preference, each with one server at least */
  ServerSelector(List<Zone> zones, HealthSettings settings, SplittableRandom random) {
    mayReturn = settings.returnMs() > 0;
    for (int rank = 0; rank < zones.size(); rank++) {
      Zone zone = zones.get(rank);
      for (ServerAddress address : shuffled(zone.servers(), random)) {
        order.add(new ServerHealth(address, zone, rank, settings, random.split()));
      }
    }
  }

  /** Every order is equally likely (Fisher and Yates). */
  private static List<ServerAddress> shuffled(List<ServerAddress> all, SplittableRandom random) {
    List<ServerAddress> left = new ArrayList<>(all);
    List<ServerAddress> drawn = new ArrayList<>();
    while (!left.isEmpty()) {
      drawn.add(left.remove(random.nextInt(left.size())));
    }
    return drawn;
  }

  /** Returns all, the first to ask first. */
  List<ServerHealth> inOrder() {
    return order;
  }

  /**
   * Returns how each is seen, in this order.
   *
   * @param wallMs epoch ms of the same moment
   */
  List<ServerState> states(long nowNs, long wallMs, @Nullable ServerHealth inUse) {
    return order.stream()
        .map(server -> server.state(nowNs, wallMs, server == inUse))
        .toList();
  }

  /**
   * Returns the server to ask: of those that may be asked the one with the fewest failures in a
   * row, and of those the first. So nobody is tried twice before everybody was tried once.
   *
   * @param except not this one
   * @return null when all must wait
   */
  @Nullable
  ServerHealth next(long nowNs, @Nullable ServerHealth except) {
    ServerHealth best = null;
    for (ServerHealth server : order) {
      boolean isCandidate = server != except && server.isRested(nowNs);
      if (isCandidate && (best == null || server.failuresInRow() < best.failuresInRow())) {
        best = server;
      }
    }
    return best;
  }

  /** Returns how long until {@link #next} has an answer, or {@link #NEVER}. */
  long nextWaitNs(long nowNs, @Nullable ServerHealth except) {
    long least = NEVER;
    for (ServerHealth server : order) {
      if (server != except) {
        least = Math.min(least, server.waitNs(nowNs));
      }
    }
    return least;
  }

  /**
   * Returns the first server of a better zone that a loop may return to; null when there is none.
   */
  @Nullable
  ServerHealth better(long nowNs, ServerHealth than) {
    for (ServerHealth server : order) {
      if (isBetter(server, than) && server.returnWaitNs(nowNs) <= 0) {
        return server;
      }
    }
    return null;
  }

  /** Returns how long until {@link #better} has an answer, or {@link #NEVER}. */
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

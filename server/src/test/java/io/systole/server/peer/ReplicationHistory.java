// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseDeadline;
import io.systole.server.registry.Origin;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A random history of three nodes that replicate to each other, determined by its seed. */
final class ReplicationHistory {
  /*
   * Changes that the protocol cannot order are not generated. Their common reason is that only the
   * dirty timestamp orders changes (spec §2.2, §3.2 step 2), and overrides and metadata do not
   * advance it (§3.4, §5.1). The exceptions, as listed in server/README.md:
   *
   *  1. An override, removal of an override or addition of metadata at one node at the same time as
   *     any other change of that instance at another: such a change is made only while nothing is in
   *     flight, and the instance stays with its node until everything is accepted ("owner"). A
   *     cancel is made at any time, and its instance may start again at any node: the registration
   *     is newer, and no cancel may end it.
   *  2. An override ends with its lease at one node and not at the others (§2.5: "removed on
   *     cancel/evict"), and no request sets it there again (§5.4): a live instance with an
   *     override is not evicted, and a cancelled one starts again only when no node has its
   *     override and nothing is in flight.
   *  3. A node restarts while the others still exchange changes: it would take over one of two
   *     states of which it cannot determine the later.
   *  4. A node crashes before every peer has accepted its override, removal of an override or
   *     metadata: the peers that have it keep it, and the others never receive it.
   */

  private static final int NODES = 3;
  private static final int INSTANCES = 8;
  private static final int DURATION_SECS = 30;
  private static final long DURATION_NS = TimeUnit.SECONDS.toNanos(DURATION_SECS);

  /** A batch rarely has all that is due. */
  private static final int[] ITEMS_MAX = {1, 2, 5, 250};

  /** More steps than a drain needs, even if the links lose many messages. */
  private static final int DRAIN_STEPS_MAX = 20_000;

  private static final InstanceStatus[] STATUSES = {
    InstanceStatus.UP,
    InstanceStatus.UP,
    InstanceStatus.UP,
    InstanceStatus.DOWN,
    InstanceStatus.OUT_OF_SERVICE,
    InstanceStatus.STARTING
  };

  /** A client and what was acknowledged to it. */
  private static final class Client {
    final InstanceKey key;
    boolean isAlive;
    boolean hadOverride;

    /** True if there was an operation since nothing was in flight. */
    boolean isTouched;

    long dirtyMs;
    InstanceStatus status = InstanceStatus.UP;
    long contactNs;

    /** The time of the last renewal or registration since a node last restarted, or 0. */
    long renewedNs;

    /** The node whose change of the instance others may not have yet, or null. */
    @Nullable
    SimulatedNode owner;

    /** The time until which each node must have the instance. */
    final long[] guaranteedNs = new long[NODES];

    Client(InstanceKey key) {
      this.key = key;
    }

    @Override
    public String toString() {
      return key.app() + "/" + key.id();
    }
  }

  private final SplittableRandom random;
  private final ManualClock clock = new ManualClock();
  private final List<SimulatedNode> nodes = new ArrayList<>();
  private final List<SimulatedLink> links = new ArrayList<>();
  private final List<Client> clients = new ArrayList<>();
  private final HistoryLog log;
  private long lastDirtyMs = Instances.DIRTY_MS;
  private int entries;

  ReplicationHistory(long seed, HistoryLog log) {
    this.random = new SplittableRandom(seed);
    this.log = log;
    for (int i = 0; i < NODES; i++) {
      nodes.add(new SimulatedNode(i, clock));
    }
    for (SimulatedNode from : nodes) {
      for (SimulatedNode to : nodes) {
        if (from != to) {
          SimulatedLink link = new SimulatedLink(from, to, clock, log);
          from.links.add(link);
          links.add(link);
        }
      }
    }
    for (int i = 0; i < INSTANCES; i++) {
      clients.add(new Client(new InstanceKey("APP" + i % 3, "i-" + i)));
    }
  }

  // ---------------------------------------------------------------- steps

  void step() {
    Client client = clients.get(random.nextInt(INSTANCES));
    SimulatedNode node = nodes.get(random.nextInt(NODES));
    int choice = random.nextInt(1_000);
    if (choice < 520) {
      node.collectRenewals();
      links.get(random.nextInt(links.size())).step(random, ITEMS_MAX[random.nextInt(4)]);
    } else if (choice < 640) {
      renew(client, node);
    } else if (choice < 720) {
      register(client, node);
    } else if (choice < 740) {
      cancel(client, node);
    } else if (choice < 840) {
      change(client, node);
    } else if (choice < 900) {
      passTime(1 + random.nextInt(8));
    } else if (choice < 930) {
      evict(node);
    } else if (choice < 960) {
      cut(node);
    } else if (choice < 965) {
      links.forEach(SimulatedLink::heal);
    } else if (choice < 985) {
      links.forEach(SimulatedLink::heal);
      drain();
    } else {
      // Sometimes a change has not been sent to any peer.
      change(client, node);
      restart(node);
    }
  }

  /** Cuts one direction of a link, or a node from all others. */
  private void cut(SimulatedNode node) {
    boolean isWhole = random.nextBoolean();
    for (SimulatedLink link : links) {
      boolean isOfNode = link.to() == node || node.links.contains(link);
      if (isOfNode && (isWhole || random.nextInt(4) == 0)) {
        link.cut();
        log.count("cut");
      }
    }
  }

  private void renew(Client client, SimulatedNode chosen) {
    if (!client.isAlive) {
      return;
    }
    SimulatedNode node = reachable(client, chosen);
    RenewOutcome outcome = node.renew(client.key, client.dirtyMs);
    record("renew", client, node, outcome);
    if (outcome == RenewOutcome.UNKNOWN_INSTANCE
        && client.guaranteedNs[node.index] >= clock.monotonicNs()) {
      throw new AssertionError("lease lost at node " + node.index + ": " + client.key);
    }
    if (outcome == RenewOutcome.RENEWED) {
      acknowledged(client, node);
    } else {
      registerNew(client, node);
    }
  }

  private void acknowledged(Client client, SimulatedNode node) {
    client.contactNs = clock.monotonicNs();
    client.renewedNs = clock.monotonicNs();
    client.guaranteedNs[node.index] = clock.monotonicNs() + DURATION_NS;
  }

  /** Returns the owner of the instance, or the chosen node if the instance may use any. */
  private SimulatedNode reachable(Client client, SimulatedNode chosen) {
    SimulatedNode owner = client.owner;
    if (owner != null && owner.isSettled()) {
      client.owner = null;
      owner = null;
    }
    return owner == null ? chosen : owner;
  }

  private void register(Client client, SimulatedNode chosen) {
    boolean hasRemains = client.hadOverride && !(isIdle(client) && isUnregistered(client));
    if (client.isAlive || !hasRemains) {
      if (!client.isAlive) {
        client.hadOverride = false;
      }
      client.status = STATUSES[random.nextInt(STATUSES.length)];
      registerNew(client, reachable(client, chosen));
    }
  }

  /** Returns whether nothing about the instance can be in flight. */
  private boolean isIdle(Client client) {
    if (isSettled()) {
      clients.forEach(each -> each.isTouched = false);
    }
    return !client.isTouched;
  }

  private boolean isUnregistered(Client client) {
    return nodes.stream().allMatch(node -> node.registry().findStored(client.key) == null);
  }

  private void registerNew(Client client, SimulatedNode node) {
    client.isAlive = true;
    client.dirtyMs = ++lastDirtyMs;
    InstanceInfo instance =
        Instances.up(client.key.app(), client.key.id(), DURATION_SECS).toBuilder()
            .status(client.status)
            .lastDirtyMs(client.dirtyMs)
            .metadata(Map.of("start", String.valueOf(client.dirtyMs)))
            .build();
    record("register", client, node, node.registry().register(instance, Origin.CLIENT));
    acknowledged(client, node);
  }

  private void cancel(Client client, SimulatedNode chosen) {
    if (client.isAlive) {
      record("cancel", client, chosen, chosen.registry().cancel(client.key, Origin.CLIENT));
      client.isAlive = false;
      client.owner = null;
      Arrays.fill(client.guaranteedNs, 0);
    }
  }

  /** Changes an override or metadata. */
  private void change(Client client, SimulatedNode node) {
    if (!isIdle(client)) {
      return;
    }
    Registry registry = node.registry();
    switch (random.nextInt(4)) {
      case 0 -> {
        client.hadOverride = true;
        InstanceStatus status = STATUSES[random.nextInt(STATUSES.length)];
        boolean isSet = registry
            .statusOverrides()
            .set(client.key, status, Registry.NO_TIMESTAMP, Origin.CLIENT);
        record("override " + status, client, node, isSet);
      }
      case 1, 2 -> {
        InstanceStatus status = random.nextBoolean() ? InstanceStatus.UNKNOWN : client.status;
        boolean isRemoved = registry
            .statusOverrides()
            .remove(client.key, status, Registry.NO_TIMESTAMP, Origin.CLIENT);
        record("remove override " + status, client, node, isRemoved);
      }
      default -> {
        Map<String, String> added = Map.of("m" + random.nextInt(3), String.valueOf(++entries));
        record("metadata", client, node, registry.addMetadata(client.key, added));
      }
    }
    client.owner = node;
  }

  /** Passes time; live instances renew in time. */
  private void passTime(int secs) {
    clock.advanceMs(TimeUnit.SECONDS.toMillis(secs));
    log.add("time passes: " + secs + " s");
    for (Client client : clients) {
      if (clock.monotonicNs() - client.contactNs > DURATION_NS / 3) {
        renew(client, nodes.get(random.nextInt(NODES)));
      }
    }
  }

  private void evict(SimulatedNode node) {
    List<LeaseDeadline> expired = node.registry().expiry().expired(0).stream()
        .filter(deadline -> clients.stream()
            .noneMatch(c -> c.isAlive && c.hadOverride && c.key.equals(deadline.key())))
        .toList();
    int count = node.registry().expiry().evict(expired, clock.monotonicNs(), "expired");
    if (count > 0) {
      log.add("evict at node " + node.index + ": " + expired);
      log.count("evicted");
    }
  }

  private void restart(SimulatedNode node) {
    for (SimulatedLink link : links) {
      boolean isOfOthers = link.to() != node && !node.links.contains(link);
      if (isOfOthers && !link.isIdle()) {
        return;
      }
    }
    if (clients.stream().anyMatch(client -> client.owner == node) && !node.isSettled()) {
      return;
    }
    SimulatedLink source = node.links.get(random.nextInt(node.links.size()));
    if (source.isCut()) {
      return;
    }
    boolean isJournaled = random.nextBoolean();
    links.stream().filter(link -> link.to() == node).forEach(SimulatedLink::fail);
    List<PersistedLease> journal = isJournaled ? node.journal() : List.of();
    node.restart(journal, source.to());
    // A lease that is renewed at the exact time of its restore counts as unrenewed.
    clock.advanceMs(1);
    for (Client client : clients) {
      client.guaranteedNs[node.index] = 0;
      client.renewedNs = 0;
      client.isTouched = true;
    }
    log.count(isJournaled ? "restarted with journal" : "restarted empty");
    log.add("restart node " + node.index + " journal=" + isJournaled + " from node "
        + source.to().index);
  }

  // ---------------------------------------------------------------- end

  private boolean isSettled() {
    return nodes.stream().allMatch(SimulatedNode::isSettled);
  }

  private void drain() {
    for (int i = 0; !isSettled(); i++) {
      if (i == DRAIN_STEPS_MAX) {
        throw new AssertionError("the links never come to rest");
      }
      links.get(random.nextInt(links.size())).step(random, ReplicationQueue.ITEMS_MAX);
    }
    clients.forEach(client -> client.isTouched = false);
    log.add("all accepted");
    clients.forEach(this::verifyRenewed);
  }

  /** Verifies that every node has received the last renewal, once all batches are accepted. */
  private void verifyRenewed(Client client) {
    for (SimulatedNode node : nodes) {
      LeaseDeadline deadline = node.registry().expiry().deadline(client.key);
      boolean isRenewed =
          deadline != null && deadline.deadlineNs() >= client.renewedNs + DURATION_NS;
      if (client.isAlive && client.renewedNs > 0 && !isRenewed) {
        throw new AssertionError("renewal lost at node " + node.index + ": " + client);
      }
    }
  }

  /** Ends the history: all faults heal, and live instances renew for some durations. */
  void end() {
    log.add("end");
    links.forEach(SimulatedLink::heal);
    drain();
    for (int passedSecs = 0; passedSecs < 6 * DURATION_SECS; passedSecs += 10) {
      passTime(10);
      clients.forEach(client -> renew(client, nodes.get(random.nextInt(NODES))));
      drain();
      nodes.forEach(node -> node.registry().expiry().evictExpired(0));
    }
    drain();
    verify();
  }

  private void verify() {
    List<List<String>> states = nodes.stream().map(SimulatedNode::state).toList();
    for (int i = 1; i < NODES; i++) {
      if (!states.get(i).equals(states.get(0))) {
        throw new AssertionError("nodes differ\nnode 0: " + String.join("\n        ", states.get(0))
            + "\nnode " + i + ": " + String.join("\n        ", states.get(i)));
      }
    }
    for (Client client : clients) {
      if (client.isAlive != !isUnregistered(client)) {
        throw new AssertionError(client.key + " is alive: " + client.isAlive);
      }
    }
  }

  private void record(String what, Client client, SimulatedNode node, Object outcome) {
    log.add(what + " " + client + " dirty=" + client.dirtyMs % 10_000 + " at node " + node.index
        + ": " + outcome);
    client.isTouched = true;
    log.count(what.replaceFirst(" .*", "") + " " + outcome);
  }
}

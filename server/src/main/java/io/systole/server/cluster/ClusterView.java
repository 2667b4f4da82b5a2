// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.group.MemberId;
import io.systole.server.cluster.message.EntryHash;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The members of a view and their states. Immutable.
 *
 * @param number 0 before the first view
 * @param sinceMs epoch ms
 * @param members oldest first, with this member
 */
record ClusterView(long number, long sinceMs, List<Entry> members) {
  static final ClusterView NONE = new ClusterView(0, 0, List.of());

  /**
   * A member of the view.
   *
   * @param hasSentHello whether its HELLO has arrived; the following are defaults until then
   * @param isCompatible whether it and this member share a version of the protocol
   */
  record Entry(
      MemberId id,
      boolean isSelf,
      boolean hasSentHello,
      boolean isCompatible,
      boolean isComplete,
      boolean isDraining,
      int protocolMax,
      String url) {
    /** Returns whether it holds all leases, is compatible, and is not leaving. */
    boolean isActive() {
      return isComplete && !isDraining && isCompatible;
    }
  }

  ClusterView {
    members = List.copyOf(members);
  }

  /** Returns whether there are other members. */
  boolean hasOthers() {
    return members.size() > 1;
  }

  @Nullable
  Entry find(long epoch) {
    for (Entry member : members) {
      if (member.id().epoch() == epoch) {
        return member;
      }
    }
    return null;
  }

  /** Returns the other members that can send all leases, oldest first. */
  List<Entry> donors() {
    return members.stream().filter(each -> !each.isSelf() && each.isActive()).toList();
  }

  /** Returns whether this member is the only one from which others can load the leases. */
  boolean isOnlyDonor() {
    return donors().isEmpty()
        && members.stream().anyMatch(each -> each.isSelf() && each.isActive())
        && members.stream()
            .anyMatch(each ->
                !each.isSelf() && each.isCompatible() && !each.isComplete() && !each.isDraining());
  }

  /**
   * Returns whether this member may become complete without an initial load: it is the oldest, all
   * members have sent a HELLO, and none is active.
   */
  boolean canBootstrap() {
    return !members.isEmpty()
        && members.get(0).isSelf()
        && members.stream().allMatch(each -> each.isSelf() || each.hasSentHello())
        && members.stream().noneMatch(each -> !each.isSelf() && each.isActive());
  }

  /** Returns the newest version of the protocol that all members read. */
  int protocolVersion() {
    int version = Integer.MAX_VALUE;
    for (Entry member : members) {
      if (member.isCompatible()) {
        version = Math.min(version, member.protocolMax());
      }
    }
    return version;
  }

  /**
   * Returns whether this member evicts a lease: the owner does while it is in the view and not
   * leaving, else the active member that the hash of the key selects.
   *
   * @param owner epoch of the member that owns the lease
   */
  boolean isResponsible(long owner, long keyHash) {
    Entry present = find(owner);
    if (present != null && !present.isDraining()) {
      return present.isSelf();
    }
    return isSelected(keyHash);
  }

  /** Returns whether the name of a stock peer selects this member to replicate to it. */
  boolean isGateway(String peer) {
    CRC32C crc = new CRC32C();
    crc.update(peer.getBytes(StandardCharsets.UTF_8));
    return isSelected(crc.getValue());
  }

  /** Returns whether rendezvous hashing selects this one of the active members. */
  private boolean isSelected(long hash) {
    Entry selected = null;
    long greatest = Long.MIN_VALUE;
    for (Entry member : members) {
      long weight = EntryHash.of(hash, 0, 0, member.id().epoch(), 0, 0);
      if (member.isActive() && (selected == null || weight > greatest)) {
        selected = member;
        greatest = weight;
      }
    }
    return selected != null && selected.isSelf();
  }
}

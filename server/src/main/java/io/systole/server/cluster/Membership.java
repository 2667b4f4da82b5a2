// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.EscapedText;
import io.systole.server.cluster.group.GroupView;
import io.systole.server.cluster.group.MemberId;
import io.systole.server.cluster.message.Message.Hello;
import io.systole.server.cluster.message.MessageVersion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The members of the view and the last HELLO of each. Guarded by the registry's monitor, except
 * {@link #view}.
 */
final class Membership {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  /** The maximum number of HELLOs of members outside the view, which may arrive after them. */
  private static final int NON_MEMBERS_MAX = 64;

  private final MemberId self;
  private final int protocolMax;
  private final Map<MemberId, Hello> hellos = new LinkedHashMap<>();
  private final Map<MemberId, Long> lastBeatMs = new LinkedHashMap<>();

  /** Members that have announced that they leave. */
  private final Set<MemberId> draining = new HashSet<>();

  private GroupView groupView = new GroupView(0, List.of(), false);
  private long sinceMs;
  private boolean isComplete;
  private boolean isDraining;

  /** True once the node stops. It can send all leases to other members until it is draining. */
  private boolean isStopping;

  /** Read by any thread. */
  private volatile ClusterView view = ClusterView.NONE;

  /** @param protocolMax the newest version of the protocol that this member uses */
  Membership(MemberId self, int protocolMax) {
    this.self = self;
    this.protocolMax = protocolMax;
  }

  ClusterView view() {
    return view;
  }

  /** Returns this member, or null before the first view. Any thread. */
  ClusterView.@Nullable Entry self() {
    return view.find(self.epoch());
  }

  /** Returns the version of the messages to send. Any thread. */
  int protocolVersion() {
    return Math.min(protocolMax, view.protocolVersion());
  }

  void setComplete() {
    isComplete = true;
    rebuild();
  }

  /** Makes {@link #describe} show this member as draining. */
  void setStopping() {
    isStopping = true;
  }

  void setDraining() {
    isDraining = true;
    rebuild();
  }

  /**
   * Replaces the view.
   *
   * @return the members that have left without announcing it
   */
  List<MemberId> replaceView(GroupView next, long nowMs) {
    List<MemberId> crashed = new ArrayList<>(groupView.members());
    crashed.removeAll(next.members());
    crashed.removeAll(draining);
    Set<MemberId> present = new HashSet<>(next.members());
    hellos.keySet().retainAll(present);
    lastBeatMs.keySet().retainAll(present);
    draining.retainAll(present);
    groupView = next;
    sinceMs = nowMs;
    rebuild();
    return crashed;
  }

  /** Returns the members of the view, oldest first. */
  List<MemberId> members() {
    return groupView.members();
  }

  /**
   * Stores the HELLO of a member.
   *
   * @return the reason why this member must leave the group, or null
   */
  @Nullable
  String addHello(MemberId member, Hello hello) {
    boolean isInView = groupView.members().contains(member);
    if (!isInView && hellos.size() >= groupView.members().size() + NON_MEMBERS_MAX) {
      return null;
    }
    Hello before = hellos.put(member, hello);
    rebuild();
    if (isCompatible(hello)) {
      return null;
    }
    String versions = "protocol " + hello.protocolMin() + ".." + hello.protocolMax() + " of member "
        + EscapedText.token(hello.name()) + " build " + EscapedText.token(hello.build())
        + " does not meet " + MessageVersion.OLDEST + ".." + protocolMax;
    if (before == null || isCompatible(before)) {
      LOG.warn("incompatible member: {}", versions);
    }
    boolean isOlder = hello.isComplete()
        || (isInView
            && groupView.members().indexOf(member) < groupView.members().indexOf(self));
    return !isComplete && isOlder ? versions : null;
  }

  private boolean isCompatible(Hello hello) {
    return hello.protocolMin() <= protocolMax && hello.protocolMax() >= MessageVersion.OLDEST;
  }

  void addDrain(MemberId member) {
    if (groupView.members().contains(member)) {
      draining.add(member);
      rebuild();
    }
  }

  void addBeat(MemberId member, long nowMs) {
    if (groupView.members().contains(member)) {
      lastBeatMs.put(member, nowMs);
    }
  }

  private void rebuild() {
    List<ClusterView.Entry> entries =
        groupView.members().stream().map(this::entry).toList();
    view = new ClusterView(groupView.number(), sinceMs, entries);
  }

  private ClusterView.Entry entry(MemberId member) {
    if (member.equals(self)) {
      return new ClusterView.Entry(
          member, true, true, true, isComplete, isDraining, protocolMax, "");
    }
    Hello hello = hellos.get(member);
    if (hello == null) {
      return new ClusterView.Entry(
          member, false, false, true, false, draining.contains(member), MessageVersion.OLDEST, "");
    }
    return new ClusterView.Entry(
        member,
        false,
        true,
        isCompatible(hello),
        hello.isComplete(),
        hello.isDraining() || draining.contains(member),
        hello.protocolMax(),
        hello.url());
  }

  /** Returns the members of the view, for diagnostics. */
  List<ClusterStatus.Member> describe(String ownUrl) {
    return view.members().stream()
        .map(each -> {
          String url = each.isSelf() ? ownUrl : each.url();
          return new ClusterStatus.Member(
              each.id(),
              url.isEmpty() ? null : url,
              each.isSelf(),
              each.isComplete(),
              each.isDraining() || (each.isSelf() && isStopping),
              each.protocolMax(),
              lastBeatMs.getOrDefault(each.id(), 0L));
        })
        .toList();
  }
}

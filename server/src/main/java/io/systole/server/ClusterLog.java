// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.model.EscapedText;
import io.systole.server.cluster.ClusterStatus;
import io.systole.server.cluster.ClusterStatus.Member;
import io.systole.server.cluster.group.GroupView;
import io.systole.server.cluster.group.MemberId;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs the membership of a node in the native cluster. Thread-safe. */
final class ClusterLog {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterLog.class);
  private static final String NONE = "-";

  private final String cluster;

  /** @param cluster the name of the cluster */
  ClusterLog(String cluster) {
    this.cluster = cluster;
  }

  /** Logs that the node has joined, and holds the registry of the cluster. */
  void joined(ClusterStatus status, int leases, long tookMs) {
    if (status.members().size() == 1) {
      LOG.info(
          "created the cluster, as no other member responded name={} member={} leases={}"
              + " durationMs={} protocol={}",
          cluster,
          names(ids(status)),
          leases,
          tookMs,
          status.protocolVersion());
      return;
    }
    LOG.info(
        "joined the cluster name={} members={} leases={} durationMs={} protocol={}",
        cluster,
        names(ids(status)),
        leases,
        tookMs,
        status.protocolVersion());
  }

  /** Logs that the registry of the cluster has not arrived in time. */
  void incomplete(ClusterStatus status, int leases, long tookMs) {
    LOG.warn(
        "the registry of the cluster has not arrived within --cluster-join-timeout, serving without"
            + " it name={} members={} leases={} durationMs={}",
        cluster,
        names(ids(status)),
        leases,
        tookMs);
  }

  /** Logs that the registry of the cluster has arrived after all. */
  void completed(int leases) {
    LOG.info("the registry of the cluster has arrived name={} leases={}", cluster, leases);
  }

  /**
   * Logs the difference between two views.
   *
   * @param before the state under the former one
   */
  void viewChanged(ClusterStatus before, GroupView view) {
    Set<MemberId> former = new HashSet<>(ids(before));
    List<MemberId> joined =
        view.members().stream().filter(member -> !former.contains(member)).toList();
    List<MemberId> left = missing(before, view, true);
    List<MemberId> lost = missing(before, view, false);
    String format =
        "members of the cluster changed name={} view={} members={} joined={} left={} lost={}"
            + " merged={}";
    Object[] values = {
      cluster,
      view.number(),
      view.members().size(),
      names(joined),
      names(left),
      names(lost),
      view.isMerge()
    };
    if (lost.isEmpty()) {
      LOG.info(format, values);
    } else {
      LOG.warn(format, values);
    }
  }

  /** Logs the wait of a stopping node for those that load the registry from it. */
  void awaitedJoiners(boolean isLoaded, long tookMs) {
    if (isLoaded) {
      LOG.info("members have loaded the registry name={} durationMs={}", cluster, tookMs);
    } else {
      LOG.warn(
          "leaving before members have loaded the registry name={} durationMs={}", cluster, tookMs);
    }
  }

  /** Logs that the node has left. */
  void left(long tookMs) {
    LOG.info("left the cluster name={} durationMs={}", cluster, tookMs);
  }

  /** Logs that the node stopped without leaving, so the others must detect it. */
  void notLeft(long tookMs) {
    LOG.warn("the cluster was not left in order name={} durationMs={}", cluster, tookMs);
  }

  /** @param hasAnnounced selects members that announced that they leave, or those that did not */
  private static List<MemberId> missing(
      ClusterStatus before, GroupView view, boolean hasAnnounced) {
    return before.members().stream()
        .filter(member -> member.isDraining() == hasAnnounced)
        .map(Member::id)
        .filter(member -> !view.members().contains(member))
        .toList();
  }

  private static List<MemberId> ids(ClusterStatus status) {
    return status.members().stream().map(Member::id).toList();
  }

  private static String names(Collection<MemberId> members) {
    return members.isEmpty()
        ? NONE
        : members.stream()
            .map(member -> EscapedText.token(member.name()))
            .collect(Collectors.joining(","));
  }
}

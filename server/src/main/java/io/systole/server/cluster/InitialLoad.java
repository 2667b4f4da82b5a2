// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.EscapedText;
import io.systole.server.cluster.group.MemberId;
import io.systole.server.cluster.message.KeyHash;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The initial load of all leases: every bucket is requested from the oldest complete member, the
 * donor, and from another one if the donor leaves or does not respond. Guarded by the registry's
 * monitor.
 */
final class InitialLoad {
  private static final Logger LOG = LoggerFactory.getLogger(InitialLoad.class);

  /** The delay before a bucket is requested again if the registry refused one of its records. */
  private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(1);

  private final Membership membership;
  private final PullRequests requests;

  /** Buckets that have not arrived, including those requested. */
  private final BitSet missing = new BitSet();

  /** Buckets to request again after the delay. */
  private final BitSet refused = new BitSet();

  /** Members that did not respond in time; they are tried again if there is no other. */
  private final Set<MemberId> unresponsive = new HashSet<>();

  private @Nullable MemberId donor;
  private long retryNs;
  private boolean isRefusalLogged;

  InitialLoad(Membership membership, PullRequests requests) {
    this.membership = membership;
    this.requests = requests;
    missing.set(0, KeyHash.BUCKETS);
  }

  /** Returns whether all leases have arrived, or this member may start without them. */
  boolean isDone() {
    return missing.isEmpty() || membership.view().canBootstrap();
  }

  /** Selects a donor if there is none, and queues the missing buckets. */
  void update(long nowNs) {
    List<ClusterView.Entry> donors = membership.view().donors();
    MemberId former = donor;
    if (former != null && donors.stream().noneMatch(each -> each.id().equals(former))) {
      // It leaves, and does not respond any more.
      requests.removeIf(former::equals);
      donor = null;
    }
    if (donor == null) {
      select(donors);
    }
    if (donor != null && !refused.isEmpty() && nowNs - retryNs >= 0) {
      queue(donor, refused);
      refused.clear();
    }
  }

  /**
   * Drops the donor if it is not in the new view, since its requests have been removed. If it is
   * back in the next view, {@link #update} requests the buckets again.
   */
  void replaceView(Set<MemberId> members) {
    if (donor != null && !members.contains(donor)) {
      donor = null;
    }
  }

  private void select(List<ClusterView.Entry> donors) {
    if (donors.isEmpty()) {
      return;
    }
    if (donors.stream().allMatch(each -> unresponsive.contains(each.id()))) {
      unresponsive.clear();
    }
    MemberId selected = donors.stream()
        .map(ClusterView.Entry::id)
        .filter(each -> !unresponsive.contains(each))
        .findFirst()
        .orElseThrow();
    donor = selected;
    LOG.info(
        "loading leases member={} buckets={}",
        EscapedText.token(selected.name()),
        missing.cardinality());
    refused.clear();
    queue(selected, missing);
  }

  private void queue(MemberId member, BitSet buckets) {
    buckets.stream().forEach(bucket -> requests.add(new PullRequests.Source(member, bucket)));
  }

  /** Records that a bucket has arrived from a member. */
  void add(PullRequests.Request request, long nowNs) {
    int bucket = request.source().bucket();
    if (!request.isRefused()) {
      missing.clear(bucket);
    } else if (missing.get(bucket)) {
      logRefusal();
      refused.set(bucket);
      retryNs = nowNs + RETRY_NS;
    }
  }

  /** Logs the first one only: this member stays incomplete until an operator acts. */
  private void logRefusal() {
    if (!isRefusalLogged) {
      isRefusalLogged = true;
      LOG.warn(
          "leases of the cluster are refused, because the registry here is full or its readers are"
              + " behind options=--max-instances,--max-registry-size,--max-instance-size");
    }
  }

  /** Makes {@link #update} select another donor if this one did not respond in time. */
  void giveUp(MemberId member) {
    if (member.equals(donor)) {
      LOG.warn("no leases arrive member={}", EscapedText.token(member.name()));
      unresponsive.add(member);
      requests.removeIf(member::equals);
      donor = null;
    }
  }
}

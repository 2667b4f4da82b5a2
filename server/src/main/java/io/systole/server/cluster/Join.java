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
 * The first load of all leases: every bucket is requested from one complete member, the oldest, and
 * from another one if that leaves or is silent. Guarded by the registry's monitor.
 */
final class Join {
  private static final Logger LOG = LoggerFactory.getLogger(Join.class);

  /** The pause before records that did not fit are requested again. */
  private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(1);

  private final Membership membership;
  private final PullRequests requests;

  /** Buckets that have not arrived, those under way included. */
  private final BitSet missing = new BitSet();

  /** Buckets to be requested again after the pause. */
  private final BitSet refused = new BitSet();

  /** Members that were silent; they are used again if there is no other. */
  private final Set<MemberId> silent = new HashSet<>();

  private @Nullable MemberId donor;
  private long retryNs;

  Join(Membership membership, PullRequests requests) {
    this.membership = membership;
    this.requests = requests;
    missing.set(0, KeyHash.BUCKETS);
  }

  /** Returns whether all leases have arrived, or there is no member that has them. */
  boolean isDone() {
    return missing.isEmpty() || membership.view().isFirstOfIncomplete();
  }

  /** Selects a member and queues the missing buckets as needed. */
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
   * Adapts to a view, from which the requests to other members have been removed. A member that is
   * back in the next one, before {@link #update}, must be requested again.
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
    if (donors.stream().allMatch(each -> silent.contains(each.id()))) {
      silent.clear();
    }
    MemberId selected = donors.stream()
        .map(ClusterView.Entry::id)
        .filter(each -> !silent.contains(each))
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
      refused.set(bucket);
      retryNs = nowNs + RETRY_NS;
    }
  }

  /** Selects another member if this one was silent. */
  void giveUp(MemberId member) {
    if (member.equals(donor)) {
      LOG.warn("no leases arrive member={}", EscapedText.token(member.name()));
      silent.add(member);
      requests.removeIf(member::equals);
      donor = null;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.group.MemberId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of the native cluster as a member sees it.
 *
 * @param isComplete whether this member holds the registry of the cluster
 * @param protocolVersion the version that all members of the view understand
 * @param viewNumber 0 before the first view
 * @param viewSinceMs when the view was received, epoch ms; 0 before the first
 * @param members oldest first, including this member; the first one is the coordinator
 * @param leasesOwned the number of leases whose last change this member accepted
 * @param tombstones the number of tombstones
 */
public record ClusterStatus(
    boolean isComplete,
    int protocolVersion,
    long viewNumber,
    long viewSinceMs,
    List<Member> members,
    int leasesOwned,
    int tombstones) {
  public ClusterStatus {
    members = List.copyOf(members);
  }

  /**
   * A member of the view.
   *
   * @param url the service URL for clients, null until the member has sent it
   * @param lastBeatMs when its last renewals arrived, epoch ms; 0 for none and for this member
   */
  public record Member(
      MemberId id,
      @Nullable String url,
      boolean isSelf,
      boolean isComplete,
      boolean isDraining,
      int protocolMax,
      long lastBeatMs) {}
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import java.util.List;

/**
 * The members that can reach each other.
 *
 * @param number increases with each view that a member receives
 * @param members oldest first, including this member; the first one is the coordinator
 * @param isMerge whether the view merges the parts of a split group
 */
public record GroupView(long number, List<MemberId> members, boolean isMerge) {
  public GroupView {
    members = List.copyOf(members);
  }
}

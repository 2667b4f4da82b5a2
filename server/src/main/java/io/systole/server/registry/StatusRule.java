// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/** What gave an instance its status. */
public enum StatusRule {
  /** It says itself that it doesn't serve: DOWN, STARTING or UNKNOWN win over all (rule 1). */
  DOWN_OR_STARTING,
  /** Somebody insists on it (rule 2). */
  OVERRIDE_EXISTS,
  /** Its lease had it already, and a client's registration doesn't change it (rule 4). */
  LEASE_EXISTS,
  /** It was restored with it: an earlier run of the node had given it. */
  RESTORED,
  /** It says so itself (rule 5). */
  ALWAYS_MATCH,
  /** Somebody stopped insisting, and said what it is to be from then on (spec §3.4). */
  OVERRIDE_LIFTED
}

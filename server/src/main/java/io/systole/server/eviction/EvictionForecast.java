// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.List;

/**
 * What the next eviction run would do with a lease, if nothing changed until then.
 *
 * @param expiredMs for how long it has been expired; negative while it isn't
 * @param protections the rules that hold it, all of which must let go; empty unless it is held or
 *     drawn
 * @param chance of being evicted, 0 to 1
 */
public record EvictionForecast(
    State state, long expiredMs, List<ProtectionReason> protections, double chance) {
  /** The four cases. */
  public enum State {
    /** It has not expired. */
    VALID,
    /** It has expired and is held. */
    PROTECTED,
    /** It has expired with more others than a run may end: the lot decides. */
    CANDIDATE,
    /** It would be evicted. */
    DUE
  }
}

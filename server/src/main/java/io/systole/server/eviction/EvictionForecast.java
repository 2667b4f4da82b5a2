// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.List;

/**
 * The effect of the next eviction run on a lease, if nothing changes until then.
 *
 * @param expiredMs the time since it expired; negative if it has not
 * @param protections the rules that protect it, each of which prevents its eviction; empty unless
 *     it is protected or a candidate
 * @param chance the probability of its eviction, 0 to 1
 */
public record EvictionForecast(
    State state, long expiredMs, List<ProtectionReason> protections, double chance) {
  /** The kinds of forecast. */
  public enum State {
    /** It has not expired. */
    VALID,
    /** It has expired and is protected. */
    PROTECTED,
    /** It has expired, and the run selects at random because of the cap. */
    CANDIDATE,
    /** It would be evicted. */
    DUE
  }
}

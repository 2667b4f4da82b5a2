// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/** Receives the intervals of sampled renewals. */
public interface RenewalIntervalListener {
  /**
   * Receives a sample.
   *
   * @param app upper case
   * @param intervalSecs the renewal interval that the instance states
   * @param gapNs the time since the previous renewal or the registration, with a resolution of
   *     about a millisecond
   */
  void onRenewal(String app, int intervalSecs, long gapNs);
}

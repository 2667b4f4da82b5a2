// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/** Hears of some renewals how long they were in coming. */
public interface RenewalIntervalListener {
  /**
   * One of them.
   *
   * @param app upper case
   * @param intervalSecs how far apart the instance means its renewals to be
   * @param gapNs how far apart this one was from the one before, or from the registration, to a
   *     millisecond
   */
  void onRenewal(String app, int intervalSecs, long gapNs);
}

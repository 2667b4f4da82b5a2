// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

/** What decides when heartbeats go out. */
public enum SendMode {
  /** Each instance at its own interval: what clients in the field do. */
  INTERVAL,
  /** Every connection always has as many heartbeats in flight as it may: what measures a server. */
  FULL_SPEED,
  /** None; those under way are finished. */
  REST
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

/** The condition under which heartbeats are sent. */
public enum SendMode {
  /** Each instance at its own interval, as production clients do. */
  INTERVAL,
  /** As many as every connection can have in flight, to measure a server. */
  FULL_SPEED,
  /** No heartbeats; those in flight complete. */
  REST
}

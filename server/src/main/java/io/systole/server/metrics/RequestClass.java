// SPDX-License-Identifier: Apache-2.0
package io.systole.server.metrics;

/**
 * The classes of requests, in descending order of priority. An overloaded node refuses requests of
 * the last class first, and never those of the first.
 */
public enum RequestClass {
  /**
   * Heartbeats; cancels and status overrides, which are cheap and which no client repeats; health,
   * metrics and management, which are needed under overload.
   */
  CRITICAL,
  /**
   * Registrations and additions of metadata, and the batches of peers. Their senders repeat them; a
   * peer keeps what it could not send and coalesces it.
   */
  REGISTRATION,
  /** Deltas, and reads of one instance. */
  DELTA,
  /**
   * Reads of whole applications or of the registry, event streams and long polls. A long poll is
   * repeated at each change, so many changes turn it into a read of every one of them.
   */
  FULL_FETCH
}

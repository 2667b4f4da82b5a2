// SPDX-License-Identifier: Apache-2.0
package io.systole.server.metrics;

/** The kinds of requests whose latencies are published separately. */
public enum RequestKind {
  HEARTBEAT,
  /** A registration, or an addition of metadata. */
  REGISTRATION,
  /** A delta, or a read of one instance. */
  DELTA,
  /** A read of whole applications or of the registry. */
  FULL_FETCH,
  /** Any other: batches of peers, cancels, status overrides, and requests of operators. */
  OTHER
}

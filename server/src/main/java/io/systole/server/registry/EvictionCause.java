// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/** The cause of an eviction. */
public enum EvictionCause {
  /** The lease had expired. */
  EXPIRED,
  /** The lease was restored from an earlier run, not renewed since, and had expired. */
  UNRENEWED,
  /** An operator evicted the instance. */
  OPERATOR
}

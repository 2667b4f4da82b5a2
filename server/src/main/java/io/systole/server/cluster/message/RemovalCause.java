// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

/**
 * The cause of a removal. Constants may be appended, never reordered: codes are ordinals plus 1.
 */
public enum RemovalCause {
  /** The instance or an operator ended the lease; applies to renewed leases too. */
  CANCEL,
  /** The lease expired. A member with a later renewal rejects the eviction. */
  EVICTION
}

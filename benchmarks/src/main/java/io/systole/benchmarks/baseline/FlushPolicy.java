// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

/** Time at which responses are flushed. */
public enum FlushPolicy {
  /** After every response. */
  EACH,
  /** After all requests of a read. */
  READ
}

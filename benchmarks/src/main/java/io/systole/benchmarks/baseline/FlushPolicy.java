// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

/** When answers are handed to the kernel. */
public enum FlushPolicy {
  /** After every answer: what tutorials show. */
  EACH,
  /** Once all requests of a read are answered: what experience adds. */
  READ
}

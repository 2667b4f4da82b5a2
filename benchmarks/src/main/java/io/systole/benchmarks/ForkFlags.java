// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

/** JVM flags of the benchmarks' forks. */
public final class ForkFlags {
  /**
   * Touches the whole heap at the start of a fork. Otherwise the first use of each page is a page
   * fault, whose cost is attributed to code that allocates.
   */
  public static final String PRE_TOUCH = "-XX:+AlwaysPreTouch";

  private ForkFlags() {}
}

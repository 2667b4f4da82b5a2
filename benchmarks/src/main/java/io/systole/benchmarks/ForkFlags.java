// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

/** JVM flags of the benchmarks' forks. */
public final class ForkFlags {
  /**
   * Touches the whole heap at the start of a fork. Without it each first use of a page is a page
   * fault, which is charged to whichever server allocates.
   */
  public static final String PRE_TOUCH = "-XX:+AlwaysPreTouch";

  private ForkFlags() {}
}

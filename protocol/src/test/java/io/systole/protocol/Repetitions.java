// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol;

/**
 * The length of tests over random inputs, for the tests of all modules. They have the tag
 * {@code randomized}. The profile {@code extended} runs them at many times the length.
 */
public final class Repetitions {
  private static final int FACTOR = Integer.getInteger("systole.test.repetitions", 1);

  private Repetitions() {}

  /** Returns {@code perBuild}, or the multiple of it that the build's profile requires. */
  public static int of(int perBuild) {
    return Math.multiplyExact(perBuild, FACTOR);
  }
}

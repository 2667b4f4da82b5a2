// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.matrix;

import java.util.List;

/**
 * All samples; also the schema of the {@code --json} file.
 *
 * @param jvmOptions of every JVM, besides the size of its heap
 * @param loops event loops of each server
 * @param seconds of each sample
 * @param leftOut labels of requested servers that are not installed
 */
record MatrixReport(
    List<String> jvmOptions, int loops, int seconds, List<String> leftOut, List<Sample> samples) {
  /**
   * One measurement of one server.
   *
   * @param server its label
   * @param leases 0 if it has no registry
   */
  record Sample(int round, MatrixCell cell, String server, int leases, GeneratorResult result) {}

  /** Returns the number of responses other than 200, and of missing ones. */
  long bad() {
    return samples.stream().mapToLong(sample -> sample.result().bad()).sum();
  }
}

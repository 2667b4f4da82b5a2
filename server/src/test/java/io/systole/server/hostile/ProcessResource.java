// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import java.util.Locale;

/** A resource of the node's process, with the growth at rest that is noise. */
enum ProcessResource {
  LIVE_HEAP("live heap", Unit.BYTES, 0.1, mib(4)),
  /** Grows for some minutes while methods are compiled. */
  RESIDENT("resident memory", Unit.BYTES, 0.1, mib(32)),
  NETTY_DIRECT("direct memory of Netty", Unit.BYTES, 0.25, mib(4)),
  JVM_DIRECT("direct memory of the JVM", Unit.BYTES, 0.25, mib(4)),
  DESCRIPTORS("file descriptors", Unit.COUNT, 0, 3),
  THREADS("threads", Unit.COUNT, 0, 1),
  /** Journals and snapshots, which are deleted a file at a time. */
  DATA_DIRECTORY("data directory", Unit.BYTES, 0.25, mib(2));

  /** The unit of a resource's values. */
  private enum Unit {
    BYTES,
    COUNT
  }

  private final String label;
  private final Unit unit;
  private final double share;
  private final long amount;

  ProcessResource(String label, Unit unit, double share, long amount) {
    this.label = label;
    this.unit = unit;
    this.share = share;
    this.amount = amount;
  }

  GrowthLimit limit() {
    return new GrowthLimit(share, amount);
  }

  String label() {
    return unit == Unit.BYTES ? label + ", MiB" : label;
  }

  String format(long value) {
    return unit == Unit.BYTES
        ? String.format(Locale.ROOT, "%.1f", value / (double) mib(1))
        : Long.toString(value);
  }

  private static long mib(int count) {
    return count * 1024L * 1024;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.metrics;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The number of files that the process has open, sockets included, and its limit. Thread-safe. */
public final class OpenFiles {
  /*
   * The JDK counts by listing a directory, over a second for a million connections. Linux has the
   * count as the size of that directory since 6.2, and 0 before. Elsewhere the count of the JDK is
   * kept for a while.
   */

  /** Returned where the number is unknown. */
  public static final long UNKNOWN = -1;

  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final long AGE_NS_MAX = TimeUnit.MINUTES.toNanos(1);

  private long listed = UNKNOWN;
  private long listedNs = System.nanoTime() - AGE_NS_MAX;

  /** Returns the number of open files, up to a minute old, or {@link #UNKNOWN}. */
  public long count() {
    long size = sizeOf(DESCRIPTORS);
    return size > 0 ? size : listed();
  }

  private static long sizeOf(Path directory) {
    try {
      return Files.size(directory);
    } catch (IOException absent) {
      return 0;
    }
  }

  private synchronized long listed() {
    if (System.nanoTime() - listedNs >= AGE_NS_MAX) {
      listed =
          ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
              ? unix.getOpenFileDescriptorCount()
              : UNKNOWN;
      listedNs = System.nanoTime();
    }
    return listed;
  }

  /** Returns the limit of open files, or {@link #UNKNOWN}. */
  public static long max() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : UNKNOWN;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import com.sun.management.UnixOperatingSystemMXBean;
import io.systole.server.endpoint.StatusEndpoint;
import java.lang.management.ManagementFactory;

/** Memory, processors and file descriptor limit of the running JVM. */
final class JvmInfo implements StatusEndpoint.RuntimeInfo {
  /** Returns the process's limit of open files, or {@link Long#MAX_VALUE} where there is none. */
  static long descriptorsMax() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : Long.MAX_VALUE;
  }

  private final Runtime runtime = Runtime.getRuntime();

  @Override
  public int cpus() {
    return runtime.availableProcessors();
  }

  @Override
  public long memoryBytes() {
    return runtime.totalMemory();
  }

  @Override
  public long memoryUsedBytes() {
    return runtime.totalMemory() - runtime.freeMemory();
  }
}

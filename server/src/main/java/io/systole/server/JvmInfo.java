// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.util.internal.PlatformDependent;
import io.systole.server.endpoint.StatusEndpoint;
import io.systole.server.management.NodeDescription.JvmDescription;
import java.lang.management.BufferPoolMXBean;
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

  /** Describes the JVM and its memory. */
  JvmDescription describe() {
    // Netty's own memory; that of the JVM's buffers is counted by the pools.
    long directBytes = Math.max(0, PlatformDependent.usedDirectMemory());
    for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      if (pool.getName().equals("direct")) {
        directBytes += pool.getMemoryUsed();
      }
    }
    return new JvmDescription(
        Runtime.version().toString(),
        System.getProperty("java.vendor", ""),
        memoryUsedBytes(),
        runtime.maxMemory(),
        directBytes);
  }

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

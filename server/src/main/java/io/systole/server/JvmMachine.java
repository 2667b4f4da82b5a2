// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.server.endpoint.StatusEndpoint;

/** The JVM that the node runs in. */
final class JvmMachine implements StatusEndpoint.Machine {
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

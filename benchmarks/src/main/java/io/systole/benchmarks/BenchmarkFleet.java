// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.systole.benchmarks.baseline.NestedMapRegistry;
import io.systole.benchmarks.baseline.NetflixRegistry;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;

/**
 * The instances of a benchmark, 100 to an application, with the same names in every registry.
 *
 * @param size instances, 1..10_000_000
 */
public record BenchmarkFleet(int size) {
  /** Version of every document, set by the instance, epoch ms. */
  public static final long DIRTY_MS = 1_700_000_000_000L;

  private static final int INSTANCES_PER_APP = 100;

  /** Returns the application of instance {@code i}, upper case. */
  String app(int i) {
    return "APP-%05d".formatted(i / INSTANCES_PER_APP);
  }

  /** Returns the id of instance {@code i} as Spring Cloud forms it: host, name, port. */
  String id(int i) {
    return "host-%07d:app-%05d:8080".formatted(i, i / INSTANCES_PER_APP);
  }

  /** Returns path and query of a heartbeat of instance {@code i}. */
  byte[] target(int i) {
    return ("/v2/apps/" + app(i) + '/' + id(i) + "?status=UP&lastDirtyTimestamp=" + DIRTY_MS)
        .getBytes(US_ASCII);
  }

  /** Returns a Systole registry with this fleet. */
  public Registry systole(Clock clock) {
    Registry registry = new Registry(new RegistrySettings(size, true, 180_000, 1_000), clock);
    for (int i = 0; i < size; i++) {
      registry.register(document(i), Origin.CLIENT);
    }
    return registry;
  }

  /** Returns a baseline registry with this fleet. */
  public NestedMapRegistry baseline() {
    NestedMapRegistry registry = new NestedMapRegistry();
    for (int i = 0; i < size; i++) {
      registry.register(app(i), id(i), DIRTY_MS);
    }
    return registry;
  }

  /** Returns a registry of Netflix with this fleet. */
  NetflixRegistry netflix() {
    NetflixRegistry registry = NetflixRegistry.create();
    for (int i = 0; i < size; i++) {
      registry.register(app(i), id(i), DIRTY_MS);
    }
    return registry;
  }

  /** Returns the document of instance {@code i}. */
  public InstanceInfo document(int i) {
    return InstanceInfo.builder()
        .instanceId(id(i))
        .app(app(i))
        .hostName("host-%07d".formatted(i))
        .ipAddr("10.0.0.1")
        .status(InstanceStatus.UP)
        .dataCenterInfo(DataCenterInfo.MY_OWN)
        .vipAddress(app(i))
        .lastDirtyMs(DIRTY_MS)
        .build();
  }
}

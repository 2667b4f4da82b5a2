// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.systole.benchmarks.readcost.DataSet;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * Generates registries as documents of the protocol, with Spring-like instances of 960 bytes each.
 */
public final class RegistryDocuments {
  /** Number of instances in an application. */
  public static final int INSTANCES_PER_APP = 100;

  private final DataSet dataSet;

  /** Creates documents of {@code instances} instances, 1 or more. */
  public RegistryDocuments(int instances) {
    dataSet = new DataSet(instances, applicationCount(instances));
  }

  private static int applicationCount(int instances) {
    return Math.max(1, instances / INSTANCES_PER_APP);
  }

  /** Returns the document of instance {@code index} after its {@code change}th change. */
  public InstanceInfo instance(int index, long change) throws MalformedDocumentException {
    byte[] bytes = dataSet.document(index, change).getBytes(UTF_8);
    return new JsonCodec().decodeInstance(bytes, 0, bytes.length, BenchmarkFleet.DIRTY_MS);
  }

  /** Returns the registry of all instances after their first registration. */
  public Applications all() throws MalformedDocumentException {
    int apps = dataSet.applications();
    List<Application> applications = new ArrayList<>(apps);
    for (int app = 0; app < apps; app++) {
      List<InstanceInfo> instances = new ArrayList<>();
      for (int index = app; index < dataSet.instances(); index += apps) {
        instances.add(instance(index, 0));
      }
      applications.add(new Application(instances.get(0).app(), instances));
    }
    return new Applications("1", "UP_" + dataSet.instances() + "_", applications);
  }
}

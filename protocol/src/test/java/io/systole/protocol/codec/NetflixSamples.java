// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.model.PortInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;

/** A seeded generator of instances that Netflix's model supports, including extreme values. */
final class NetflixSamples {
  private static final int[] PORTS = {0, 1, 80, 65_535, 65_536, -1, Integer.MIN_VALUE};
  private static final long[] STAMPS_MS = {0, 1, -1, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE};

  private final Random random;
  private final RandomInstances instances;

  NetflixSamples(long seed) {
    this.random = new Random(seed);
    this.instances = new RandomInstances(seed);
  }

  /** Returns an instance whose data center has a name, as registrations require. */
  InstanceInfo instance() {
    InstanceInfo any = instances.instance();
    DataCenterInfo dataCenter = any.dataCenterInfo();
    InstanceInfo.Builder sample = any.toBuilder();
    if (dataCenter != null && dataCenter.name() == null) {
      sample.dataCenterInfo(DataCenterInfo.MY_OWN);
    }
    if (random.nextInt(3) == 0) {
      sample.port(new PortInfo(PORTS[random.nextInt(PORTS.length)], random.nextBoolean()));
      sample.securePort(new PortInfo(PORTS[random.nextInt(PORTS.length)], random.nextBoolean()));
      sample.lastUpdatedMs(STAMPS_MS[random.nextInt(STAMPS_MS.length)]);
      sample.lastDirtyMs(STAMPS_MS[random.nextInt(STAMPS_MS.length)]);
    }
    return random.nextInt(4) == 0 ? sample.leaseInfo(LeaseInfo.DEFAULT).build() : sample.build();
  }

  /** Returns a registry with distinct names and ids; {@code filter} is applied to each instance. */
  Applications registry(UnaryOperator<InstanceInfo> filter) {
    List<Application> applications = new ArrayList<>();
    for (int count = random.nextInt(4); count > 0; count--) {
      List<InstanceInfo> members = new ArrayList<>();
      for (int each = random.nextInt(4); each > 0; each--) {
        InstanceInfo any = instance();
        String id = "i-" + each + "-" + any.id();
        members.add(filter.apply(any.toBuilder().instanceId(id).build()));
      }
      applications.add(new Application("APP-" + count, members));
    }
    return new Applications(
        Long.toString(random.nextLong()), AppsHashCode.of(applications), applications);
  }
}

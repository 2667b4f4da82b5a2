// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** A copy of the registry as clients keep it. For one thread. */
final class ClientRegistryView {
  private final Map<InstanceKey, InstanceInfo> instances = new HashMap<>();
  private final Map<InstanceStatus, Integer> statuses = new EnumMap<>(InstanceStatus.class);

  void clear() {
    instances.clear();
    statuses.clear();
  }

  /** Applies a delta or full registry; the copy's hash code must then equal the one given. */
  void apply(Applications reported, String by) {
    for (Application application : reported.applications()) {
      for (InstanceInfo instance : application.instances()) {
        assertThat(instance.app()).isEqualTo(application.name());
        apply(instance);
      }
    }
    assertThat(hashCodeText()).as(by).isEqualTo(reported.appsHashCode());
  }

  void apply(InstanceInfo instance) {
    boolean isGone = instance.actionType() == ActionType.DELETED;
    InstanceInfo before =
        isGone ? instances.remove(instance.key()) : instances.put(instance.key(), instance);
    if (before != null) {
      statuses.merge(before.status(), -1, Integer::sum);
    }
    if (!isGone) {
      statuses.merge(instance.status(), 1, Integer::sum);
    }
  }

  String hashCodeText() {
    return AppsHashCode.of(statuses);
  }

  /** Returns the instances by key; must not be modified. */
  Map<InstanceKey, InstanceInfo> instances() {
    return instances;
  }
}

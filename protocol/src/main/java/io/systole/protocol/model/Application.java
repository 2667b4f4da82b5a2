// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import java.util.List;

/**
 * A named set of instances (spec §6.1).
 *
 * @param name upper case
 * @param instances in any order; copied, immutable
 */
public record Application(String name, List<InstanceInfo> instances) {

  public Application {
    name = WellFormedText.wellFormed(name);
    instances = List.copyOf(instances);
  }
}

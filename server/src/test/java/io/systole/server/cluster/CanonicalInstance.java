// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static java.util.stream.Collectors.toSet;

import io.systole.client.stock.StockRegistry.StoredInstance;
import io.systole.protocol.model.InstanceInfo;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The members of an instance that must be equal at all servers of a cluster. */
record CanonicalInstance(
    String app,
    String id,
    String status,
    String overriddenStatus,
    long dirtyMs,
    Map<String, String> metadata) {

  private static CanonicalInstance of(StoredInstance instance) {
    return new CanonicalInstance(
        instance.app(),
        instance.id(),
        instance.status(),
        instance.overriddenStatus(),
        instance.lastDirtyMs(),
        instance.metadata());
  }

  /** Returns the instances of fleets that are not both expected and at the server. */
  static List<String> differences(Collection<InstanceInfo> fleets, ClusterServer server) {
    Set<CanonicalInstance> expected =
        fleets.stream().map(StoredInstance::of).map(CanonicalInstance::of).collect(toSet());
    Set<CanonicalInstance> actual = server.registry().all().values().stream()
        .filter(instance -> instance.app().equals(BeatingFleet.APP))
        .map(CanonicalInstance::of)
        .collect(toSet());
    Stream<String> missing =
        expected.stream().filter(one -> !actual.contains(one)).map(one -> "missing " + one);
    Stream<String> unexpected =
        actual.stream().filter(one -> !expected.contains(one)).map(one -> "unexpected " + one);
    return Stream.concat(missing, unexpected).sorted().toList();
  }
}

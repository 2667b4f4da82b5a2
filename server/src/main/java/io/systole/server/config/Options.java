// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All options of a node. */
final class Options {
  private static final List<Option<?>> ALL = Stream.of(
          NodeOptions.ALL,
          ServerOptions.ALL,
          AccessOptions.ALL,
          SecurityOptions.ALL,
          PeerOptions.ALL,
          ClusterOptions.ALL,
          EvictionOptions.ALL,
          StoreOptions.ALL,
          MetricsOptions.ALL)
      .flatMap(Collection::stream)
      .collect(Collectors.groupingBy(Option::group, LinkedHashMap::new, Collectors.toList()))
      .values()
      .stream()
      .flatMap(Collection::stream)
      .toList();

  private Options() {}

  /** Returns all options by group, in the order of the documentation. */
  static List<Option<?>> all() {
    return ALL;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.net.ServerAddress;
import io.systole.client.net.Zone;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** The servers of a client that is being configured: zones in order of preference. */
final class ZoneList {
  private static final int SERVERS_MAX = 64;
  private static final String DEFAULT_NAME = "default";

  private final List<Zone> zones = new ArrayList<>();
  private final StringBuilder headers = new StringBuilder();

  /** Replaces all zones with one. */
  void replace(List<URI> servers) {
    Zone zone = zone(DEFAULT_NAME, servers);
    zones.clear();
    zones.add(zone);
  }

  /** Adds a zone, less preferred than those before. */
  void add(String name, List<URI> servers) {
    zones.add(zone(Objects.requireNonNull(name, "name"), servers));
  }

  private static Zone zone(String name, List<URI> servers) {
    Objects.requireNonNull(servers, "servers");
    return new Zone(name, servers.stream().map(ServerAddress::of).toList());
  }

  /** Adds a header field to every request. */
  void addHeader(String name, String value) {
    if (!name.matches("[A-Za-z0-9-]+") || !value.matches("[\\x21-\\x7e]([\\x20-\\x7e]*)")) {
      throw new IllegalArgumentException("not a header field of visible ASCII: " + name);
    }
    headers.append(name).append(": ").append(value).append("\r\n");
  }

  /**
   * Returns the zones, whose servers send the header fields.
   *
   * @throws IllegalArgumentException if there is no server, a zone has none, one is given twice, or
   *     there are more than 64
   */
  List<Zone> toZones() {
    requireServers();
    return zones.stream()
        .map(zone -> new Zone(
            zone.name(),
            zone.servers().stream()
                .map(server -> server.withHeaders(headers.toString()))
                .toList()))
        .toList();
  }

  /**
   * Returns the zones for a loop that prefers one server of the first zone.
   *
   * @param loop 0 or more; the loops prefer the servers in turn
   */
  static List<Zone> preferring(List<Zone> zones, int loop) {
    Zone first = zones.get(0);
    List<ServerAddress> others = new ArrayList<>(first.servers());
    ServerAddress preferred = others.remove(loop % others.size());
    List<Zone> all = new ArrayList<>();
    all.add(new Zone(first.name(), List.of(preferred)));
    if (!others.isEmpty()) {
      all.add(new Zone(first.name(), others));
    }
    all.addAll(zones.subList(1, zones.size()));
    return all;
  }

  private void requireServers() {
    int count = 0;
    Set<URI> distinct = new HashSet<>();
    for (Zone zone : zones) {
      if (zone.servers().isEmpty()) {
        throw new IllegalArgumentException("zone " + zone.name() + " has no server");
      }
      for (ServerAddress server : zone.servers()) {
        count++;
        if (!distinct.add(server.url())) {
          throw new IllegalArgumentException("server " + server + " is given twice");
        }
      }
    }
    ClientConfig.requireWithin("servers", count, 1, SERVERS_MAX);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import io.systole.server.registry.Change;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** The figures of the node, its applications, and recent events, as a stream. Not thread-safe. */
final class NodeFeed implements PageFeed {
  private final PacedValue<ExpiredLeases> expired;
  private final NodeState state;
  private final ApplicationTable table;
  private final RecentEvents recent;
  private final ObjectNode description;
  private ObjectNode figures;

  /** Creates a feed of the present state. Linear in the leases. */
  NodeFeed(PageSources sources, PacedValue<ExpiredLeases> expired) {
    this.expired = expired;
    this.state = new NodeState(sources, expired);
    this.description = state.description();
    this.recent = new RecentEvents(sources.registry().recentEvents());
    this.table = ApplicationTable.of(sources.registry());
    table.updateExpired(expired.get());
    this.figures = state.read(table.size());
  }

  @Override
  public void apply(Change change) {
    table.apply(change);
  }

  @Override
  public List<byte[]> first() {
    List<byte[]> events = new ArrayList<>();
    events.add(PageJson.event("node", description));
    events.addAll(table.all());
    events.add(PageJson.event("tick", figures));
    events.add(PageJson.event("recent", recent.latest()));
    return events;
  }

  @Override
  public List<byte[]> next() {
    table.updateExpired(expired.get());
    figures = state.read(table.size());
    List<byte[]> events = new ArrayList<>(table.changes());
    events.add(PageJson.event("tick", figures));
    ObjectNode happened = recent.next();
    if (happened != null) {
      events.add(PageJson.event("recent", happened));
    }
    return events;
  }

  /** Returns all of the present state in one JSON document, in UTF-8. */
  byte[] overview() {
    return PageJson.overview(
        description, figures, table.encodedRows(), recent.latest().path("events"));
  }
}

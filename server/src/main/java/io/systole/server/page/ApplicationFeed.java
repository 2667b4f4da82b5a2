// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import io.systole.server.registry.Change;
import java.util.List;

/** The instances of an application as a stream. Not thread-safe. */
final class ApplicationFeed implements PageFeed {
  private final PageSources sources;
  private final PacedValue<ExpiredLeases> expired;
  private final InstanceTable table;

  /**
   * Creates a feed of the present state. Linear in the leases of all applications.
   *
   * @param app upper case; need not have instances
   * @param chars of all feeds
   */
  ApplicationFeed(
      String app, PageSources sources, NameChars chars, PacedValue<ExpiredLeases> expired) {
    this.sources = sources;
    this.expired = expired;
    this.table = InstanceTable.of(
        app,
        sources.registry(),
        chars,
        expired.get().decision(),
        sources.clock().monotonicNs());
  }

  @Override
  public void apply(Change change) {
    table.apply(change);
  }

  @Override
  public List<byte[]> first() {
    return table.all();
  }

  @Override
  public List<byte[]> next() {
    table.refresh(expired.get().decision(), sources.clock().monotonicNs());
    return table.changes(expired.get().decision());
  }

  @Override
  public void close() {
    table.clear();
  }
}

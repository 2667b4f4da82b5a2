// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import io.systole.server.registry.Change;
import java.util.List;

/** A source of the events of one channel. Confined to the page thread. */
interface PageFeed {
  /** Applies a change, of which it may have seen the effect already. */
  void apply(Change change);

  /** Returns the events of the present state, with which a stream begins. */
  List<byte[]> first();

  /** Returns the events since the last call. Called once a second. */
  List<byte[]> next();

  /** Releases what the feed holds of resources that feeds share. */
  default void close() {}
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.protocol.model.InstanceInfo;
import org.jspecify.annotations.Nullable;

/** Is told what changes in a mirror. */
@FunctionalInterface
public interface MirrorListener {
  /** Wants to know nothing. */
  MirrorListener NONE = (app, before, after) -> {};

  /**
   * An instance came, changed or went; whoever reads the mirror sees it already. What a server
   * merely stamps onto an instance (lease times, action type) is no change. Called on the mirror's
   * thread, which does nothing else meanwhile; what is thrown is logged and counted, no more.
   *
   * @param app application, upper case
   * @param before as it was, null when it is new
   * @param after as it is, null when it has gone
   */
  void onChange(String app, @Nullable InstanceInfo before, @Nullable InstanceInfo after);
}

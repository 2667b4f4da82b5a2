// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.protocol.model.InstanceInfo;
import org.jspecify.annotations.Nullable;

/** A listener for changes of a mirror. */
@FunctionalInterface
public interface MirrorListener {
  /** A listener that ignores all changes. */
  MirrorListener NONE = (app, before, after) -> {};

  /**
   * Called when an instance was added, changed or removed; readers of the mirror already see the
   * change. Fields stamped by the server (lease times, action type) do not count as changes. Called
   * on the mirror's thread, which it blocks. Exceptions are logged and counted.
   *
   * @param app application, upper case
   * @param before previous instance, null if it was added
   * @param after current instance, null if it was removed
   */
  void onChange(String app, @Nullable InstanceInfo before, @Nullable InstanceInfo after);
}

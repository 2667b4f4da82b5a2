// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import org.jspecify.annotations.Nullable;

/**
 * Where a session stands in the lists of its event loop. A part of the session, and of the same
 * object for there are millions.
 */
abstract sealed class Placed permits Spoken {
  /** In the roster. */
  private int index;

  /** Place among the connections of its event loop, where an instance keeps to one; 0 or more. */
  public int connectionIndex;

  /* The wheel's: the chain of a bucket, and ticks since the wheel began. */
  @Nullable
  Session wheelNext;

  int intervalTicks;
  long baseTick;
  long dueTick;

  public final int index() {
    return index;
  }

  public final void index(int index) {
    this.index = index;
  }
}

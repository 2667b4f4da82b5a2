// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

/** Receives the views and messages of a {@link Group}. Must not block and must not send. */
public interface GroupListener {
  /** Receives a new view; one call at a time, in order. */
  void onView(GroupView view);

  /**
   * Receives a message of another member; calls of different senders may run at the same time, also
   * beside {@link #onView}.
   *
   * @param bytes contains the message; not changed afterwards
   */
  void onMessage(MemberId sender, byte[] bytes, int from, int length);
}

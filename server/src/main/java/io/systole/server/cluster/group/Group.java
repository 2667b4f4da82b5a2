// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import java.io.IOException;

/** A member's access to its group: views and messages in, messages out. Thread-safe. */
public interface Group extends AutoCloseable {
  /** The maximum size of a message, bytes; a larger one is a defect of the caller. */
  int MESSAGE_BYTES_MAX = 1 << 20;

  /** The maximum size of a message of {@link #multicastUnreliably}, bytes. */
  int UNRELIABLE_BYTES_MAX = 60_000;

  /** Returns this member. Known before {@link #join}. */
  MemberId self();

  /**
   * Joins the group, or creates it if no other member responds. Blocks for a bounded time. The
   * listener receives a view before this method returns.
   *
   * @throws IOException if the address can't be bound, the group can't be joined, or it refuses
   *     this member
   */
  void join(GroupListener listener) throws IOException;

  /**
   * Sends a message to all other members of the view: reliably, each once, in the order of this
   * sender. Blocks while receivers in the view are behind. Not to be called by the threads that
   * call the listener.
   *
   * @param message not changed afterwards
   * @return false if the group can't send, because it is not connected; the message is not sent
   */
  boolean multicast(byte[] message);

  /**
   * Sends a message to all other members of the view, at most once, in any order. Does not block;
   * the message may be lost.
   *
   * @param message not changed afterwards
   */
  void multicastUnreliably(byte[] message);

  /**
   * Sends a message to one member like {@link #multicast}.
   *
   * @param message not changed afterwards
   * @return false if the receiver is this member or not in the view, or the group can't send; the
   *     message is not sent
   */
  boolean send(MemberId receiver, byte[] message);

  /** Leaves the group gracefully, in bounded time. The listener is not called afterwards. */
  @Override
  void close();
}

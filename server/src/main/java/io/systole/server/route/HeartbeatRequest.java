// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

/**
 * A heartbeat as spans of the read buffer. One mutable instance per connection, filled by
 * {@link HeartbeatMatcher} for each heartbeat and valid until the buffer changes.
 */
public final class HeartbeatRequest {
  /** Index of the prefix of the last heartbeat. */
  int prefix;

  /** The read buffer. */
  byte[] bytes = {};

  int appFrom;

  /** Index of the slash between application and id. */
  int slash;

  int idTo;

  /** The sender's dirty timestamp, epoch ms; meaningless unless {@link #hasTimestamp}. */
  long timestampMs;

  boolean hasTimestamp;

  /** Whether the connection's last header block marked its sender as a peer. */
  boolean isFromPeer;

  /** The read buffer that the spans point into. */
  public byte[] bytes() {
    return bytes;
  }

  /** Index of the application's first byte. */
  public int appFrom() {
    return appFrom;
  }

  /** Index of the slash between application and id. */
  public int slash() {
    return slash;
  }

  /** Index after the id's last byte. */
  public int idTo() {
    return idTo;
  }

  public boolean hasTimestamp() {
    return hasTimestamp;
  }

  /**
   * The sender's dirty timestamp, epoch ms, 0 or more; meaningless without {@link #hasTimestamp}.
   */
  public long timestampMs() {
    return timestampMs;
  }
}

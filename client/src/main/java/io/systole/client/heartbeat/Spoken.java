// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.protocol.model.InstanceInfo;

/**
 * How a session speaks of its instance on the wire. A part of the session, and of the same object
 * for there are millions.
 */
abstract sealed class Spoken extends Placed permits Errand {
  /*
   * Beats carry the timestamp and the status that the server has accepted. One ahead of what it holds
   * would be answered 404 (spec §2.2 row 6), one behind it is answered 200 (row 7): so beats may go
   * on while a newer document is under way.
   */

  /** Application and id as in the path, then the dirty timestamp; see {@link HeartbeatEncoder}. */
  byte[] target;

  final short appBytes;
  final short pathBytes;

  /** Shared by all sessions of one status. */
  byte[] query;

  /** The query of the document that was sent last. */
  private byte[] sentQuery;

  /** That of the document that was sent last, epoch ms. */
  private long lastDirtyMs;

  Spoken(InstanceInfo instance) {
    HeartbeatEncoder.Target parts = HeartbeatEncoder.target(instance.app(), instance.id());
    target = HeartbeatEncoder.ascii(parts.path());
    appBytes = (short) parts.appBytes();
    pathBytes = (short) parts.path().length();
    query = HeartbeatEncoder.query(instance.status());
    sentQuery = query;
  }

  final long lastDirtyMs() {
    return lastDirtyMs;
  }

  /**
   * Makes the document that is being sent, with a dirty timestamp larger than any before, whatever
   * the calendar says: a registration must be ahead of every beat.
   */
  final InstanceInfo speak(InstanceSupplier source, long wallMs) {
    lastDirtyMs = Math.max(wallMs, lastDirtyMs + 1);
    InstanceInfo instance = source.instance(lastDirtyMs);
    sentQuery = HeartbeatEncoder.query(instance.status());
    return instance;
  }

  /** The server has accepted what was sent last: beats say the same from now on. */
  final void spoken() {
    target = HeartbeatEncoder.withTimestamp(target, pathBytes, lastDirtyMs);
    query = sentQuery;
  }
}

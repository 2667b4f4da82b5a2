// SPDX-License-Identifier: Apache-2.0
package io.systole.server.tls;

/** Receives the progress of one connection's TLS. */
public interface TlsListener {
  /** A task of the handshake waits for a thread. Called by the event loop. */
  void taskSubmitted();

  /** The task has run. Called by its thread. */
  void taskCompleted();

  /**
   * A record was decrypted, and its application data, if any, passed on. Called by the event loop;
   * not with BoringSSL, which itself refuses too many records without application data.
   *
   * @return false to close the connection at once
   */
  boolean admitsRecord();
}

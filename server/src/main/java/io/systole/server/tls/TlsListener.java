// SPDX-License-Identifier: Apache-2.0
package io.systole.server.tls;

/** Receives the progress of one connection's TLS. */
public interface TlsListener {
  /**
   * A task of a handshake is to wait for a thread. Called by the event loop.
   *
   * @return false to discard it, in which case the connection must be closed
   */
  boolean admitsTask();

  /** An admitted task has run, or will never run. Called by any thread. */
  void taskCompleted();

  /**
   * A record was decrypted, and its application data, if any, passed on. Called by the event loop;
   * not with BoringSSL, which itself refuses too many records without application data.
   *
   * @return false to close the connection at once
   */
  boolean admitsRecord();
}

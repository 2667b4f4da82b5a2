// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

/** What happens to the node while a heartbeat waits for its response. */
enum Phase {
  REGISTRATION,
  CALM,
  ATTACK,
  /** The process is stopped by a signal, a full collection was requested, or it is not there. */
  INTERRUPTED
}

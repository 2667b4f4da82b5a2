// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

/** The state of the node while a heartbeat is due. */
enum Phase {
  REGISTRATION,
  CALM,
  ATTACK,
  /** The process is suspended, collecting garbage on request, or not running. */
  INTERRUPTED
}

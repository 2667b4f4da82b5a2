// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

/** How long a renewed lease lives. */
enum LeaseMode {
  /** Two durations, as at stock servers. */
  NETFLIX,
  /** One. */
  STRICT
}

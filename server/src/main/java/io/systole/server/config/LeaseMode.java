// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

/** The validity of a renewed lease. */
enum LeaseMode {
  /** Two durations, as in stock servers. */
  NETFLIX,
  /** One duration. */
  STRICT
}

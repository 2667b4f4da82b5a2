// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

/**
 * A port and whether it is in use (spec §6.1 rows 8 and 9).
 *
 * @param port any int: the reference checks no range
 */
public record PortInfo(int port, boolean isEnabled) {
  /** What an instance without a {@code port} has. */
  public static final PortInfo DEFAULT_PLAIN = new PortInfo(7001, true);

  /** What an instance without a {@code securePort} has. */
  public static final PortInfo DEFAULT_SECURE = new PortInfo(7002, false);
}

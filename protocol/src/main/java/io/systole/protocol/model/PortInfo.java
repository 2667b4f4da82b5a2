// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

/**
 * A port that is enabled or disabled (spec §6.1 rows 8 and 9).
 *
 * @param port any int; the reference does not check a range
 */
public record PortInfo(int port, boolean isEnabled) {
  /** The port of an instance without a {@code port}. */
  public static final PortInfo DEFAULT_PLAIN = new PortInfo(7001, true);

  /** The secure port of an instance without a {@code securePort}. */
  public static final PortInfo DEFAULT_SECURE = new PortInfo(7002, false);
}

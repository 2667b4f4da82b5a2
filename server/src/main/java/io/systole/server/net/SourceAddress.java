// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The source of a connection for quotas: an IPv4 address, or the /64 prefix of an IPv6 address, as
 * one host can use every address of its prefix.
 *
 * @param isIpv6 whether {@code bits} are an IPv6 prefix
 * @param bits an IPv4 address, or the first 64 bits of an IPv6 address
 */
record SourceAddress(boolean isIpv6, long bits) {
  /** The source of all connections whose remote address is unknown. */
  static final SourceAddress UNKNOWN = new SourceAddress(false, 0);

  /** @param address null if the connection closed before its address was read */
  static SourceAddress of(@Nullable SocketAddress address) {
    if (!(address instanceof InetSocketAddress internet) || internet.getAddress() == null) {
      return UNKNOWN;
    }
    ByteBuffer bytes = ByteBuffer.wrap(AddressBlock.bytesOf(internet.getAddress()));
    return bytes.remaining() == Integer.BYTES
        ? new SourceAddress(false, Integer.toUnsignedLong(bytes.getInt()))
        : new SourceAddress(true, bytes.getLong());
  }

  @Override
  public String toString() {
    if (isIpv6) {
      String hex = HexFormat.of().toHexDigits(bits);
      return hex.replaceAll("(.{4})", "$1:") + ":/64";
    }
    return (bits >> 24) + "." + (bits >> 16 & 255) + "." + (bits >> 8 & 255) + "." + (bits & 255);
  }
}

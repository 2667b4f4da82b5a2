// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The source of a connection, by which the use of one host is bounded: an IPv4 address, or the /64
 * prefix of an IPv6 address, as one host can use every address of its prefix.
 *
 * @param isIpv6 whether {@code bits} are an IPv6 prefix
 * @param bits an IPv4 address, or the first 64 bits of an IPv6 address
 */
public record SourceAddress(boolean isIpv6, long bits) {
  /** {@code ::ffff:0:0/96}, the prefix of IPv4-mapped addresses (RFC 4291 §2.5.5.2). */
  private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

  private static final int IPV6_BYTES = 16;

  /** The source of all connections whose remote address is unknown. */
  public static final SourceAddress UNKNOWN = new SourceAddress(false, 0);

  /**
   * Returns the source of an address.
   *
   * @param address null if the connection closed before its address was read
   */
  public static SourceAddress of(@Nullable SocketAddress address) {
    if (!(address instanceof InetSocketAddress internet) || internet.getAddress() == null) {
      return UNKNOWN;
    }
    ByteBuffer bytes = ByteBuffer.wrap(bytesOf(internet.getAddress()));
    return bytes.remaining() == Integer.BYTES
        ? new SourceAddress(false, Integer.toUnsignedLong(bytes.getInt()))
        : new SourceAddress(true, bytes.getLong());
  }

  /** Returns the bytes of an address, 4 for IPv4 and IPv4-mapped ones, else 16. */
  public static byte[] bytesOf(InetAddress address) {
    return unmapped(address.getAddress());
  }

  /** Returns the 4 bytes of an IPv4-mapped IPv6 address, or the same bytes. */
  public static byte[] unmapped(byte[] address) {
    boolean isMapped = address.length == IPV6_BYTES
        && Arrays.equals(address, 0, MAPPED.length, MAPPED, 0, MAPPED.length);
    return isMapped ? Arrays.copyOfRange(address, MAPPED.length, IPV6_BYTES) : address;
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

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A block of IP addresses with a common prefix (CIDR, RFC 4632), or a single address. */
public final class AddressBlock {
  /** {@code ::ffff:0:0/96}, the prefix of IPv4-mapped addresses (RFC 4291 §2.5.5.2). */
  private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

  private static final int IPV6_BYTES = 16;

  /** 4 or 16 bytes. */
  private final byte[] address;

  private final int prefixBits;

  private AddressBlock(byte[] address, int prefixBits) {
    this.address = address;
    this.prefixBits = prefixBits;
  }

  /**
   * Returns the block, or null if the text is none: an IPv4 or IPv6 address, optionally followed by
   * a slash and the length of the prefix. Bits after the prefix are ignored.
   */
  public static @Nullable AddressBlock parse(String text) {
    int slash = text.indexOf('/');
    byte[] literal =
        NetUtil.createByteArrayFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
    if (literal == null) {
      return null;
    }
    byte[] address = unmapped(literal);
    if (slash < 0) {
      return new AddressBlock(address, address.length * Byte.SIZE);
    }
    String bits = text.substring(slash + 1);
    boolean isValid = address.length == literal.length
        && bits.matches("\\d{1,3}")
        && Integer.parseInt(bits) <= address.length * Byte.SIZE;
    return isValid ? new AddressBlock(address, Integer.parseInt(bits)) : null;
  }

  /** Returns whether the address is known and within this block; its port is ignored. */
  boolean contains(@Nullable SocketAddress other) {
    if (!(other instanceof InetSocketAddress internet) || internet.getAddress() == null) {
      return false;
    }
    byte[] bytes = bytesOf(internet.getAddress());
    if (bytes.length != address.length) {
      return false;
    }
    int whole = prefixBits / Byte.SIZE;
    int rest = prefixBits % Byte.SIZE;
    return Arrays.equals(address, 0, whole, bytes, 0, whole)
        && (rest == 0 || (address[whole] ^ bytes[whole]) >> (Byte.SIZE - rest) == 0);
  }

  /** Returns the bytes of an address, 4 for IPv4 and IPv4-mapped ones, else 16. */
  static byte[] bytesOf(InetAddress address) {
    return unmapped(address.getAddress());
  }

  private static byte[] unmapped(byte[] address) {
    boolean isMapped = address.length == IPV6_BYTES
        && Arrays.equals(address, 0, MAPPED.length, MAPPED, 0, MAPPED.length);
    return isMapped ? Arrays.copyOfRange(address, MAPPED.length, IPV6_BYTES) : address;
  }
}

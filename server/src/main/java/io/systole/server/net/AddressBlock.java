// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.util.NetUtil;
import io.systole.server.route.SourceAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A block of IP addresses with a common prefix (CIDR, RFC 4632), or a single address. */
public final class AddressBlock {
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
    byte[] address = SourceAddress.unmapped(literal);
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
    byte[] bytes = SourceAddress.bytesOf(internet.getAddress());
    if (bytes.length != address.length) {
      return false;
    }
    int whole = prefixBits / Byte.SIZE;
    int rest = prefixBits % Byte.SIZE;
    return Arrays.equals(address, 0, whole, bytes, 0, whole)
        && (rest == 0 || (address[whole] ^ bytes[whole]) >> (Byte.SIZE - rest) == 0);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.renewal;

import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of a lease in renewal frames. It becomes invalid, and is never assigned again, when the
 * lease ends or the dirty timestamp of its document changes, and when the node restarts.
 *
 * @param epoch identifies one run of a node
 * @param slot the place of the lease in the node's table, 0..2^31-1
 * @param generation the number of leases and documents that had the slot before, 0..2^31-1
 */
public record LeaseHandle(long epoch, int slot, int generation) {
  /**
   * The field with which a client requests the handle of a lease, and a node returns it: lower
   * case, as in the fields of a decoded request.
   */
  public static final String FIELD = "systole-lease";

  private static final Pattern PATTERN =
      Pattern.compile("([0-9a-f]{16})(?:/([0-9]{1,10})/([0-9]{1,10}))?");

  /** @throws IllegalArgumentException if slot or generation is negative */
  public LeaseHandle {
    if (slot < 0 || generation < 0) {
      throw new IllegalArgumentException("slot=" + slot + " generation=" + generation);
    }
  }

  /** Returns slot and generation as one number, in the order in which frames contain them. */
  public long key() {
    return (long) generation << Integer.SIZE | slot;
  }

  /** Returns the value of the field with this handle. */
  public String fieldValue() {
    return fieldValue(epoch) + "/" + slot + "/" + generation;
  }

  /** Returns the value of the field of a node that has no handle for the lease. */
  public static String fieldValue(long epoch) {
    return HexFormat.of().toHexDigits(epoch);
  }

  /** Returns the epoch in the value of a field, or null if the value is malformed. */
  public static @Nullable Long epochIn(String fieldValue) {
    Matcher matcher = PATTERN.matcher(fieldValue);
    return matcher.matches() ? Long.parseUnsignedLong(matcher.group(1), 16) : null;
  }

  /** Returns the handle in the value of a field, or null if it has none or is malformed. */
  public static @Nullable LeaseHandle parse(String fieldValue) {
    Matcher matcher = PATTERN.matcher(fieldValue);
    if (!matcher.matches() || matcher.group(2) == null) {
      return null;
    }
    long slot = Long.parseLong(matcher.group(2));
    long generation = Long.parseLong(matcher.group(3));
    if (Math.max(slot, generation) > Integer.MAX_VALUE) {
      return null;
    }
    long epoch = Long.parseUnsignedLong(matcher.group(1), 16);
    return new LeaseHandle(epoch, (int) slot, (int) generation);
  }
}

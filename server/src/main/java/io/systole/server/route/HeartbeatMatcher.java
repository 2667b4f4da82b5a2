// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

import io.systole.protocol.http.Ascii;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.RequestHead;
import io.systole.protocol.renewal.LeaseHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A matcher of heartbeats on undecoded bytes: {@code PUT <prefix>/apps/<app>/<id>} from a client,
 * with nothing that needs decoding. Other forms of the request reach the same semantics through the
 * {@link Router}.
 */
public final class HeartbeatMatcher {
  /**
   * A heartbeat as spans of the read buffer. One mutable instance per connection, filled by
   * {@link #matches} for each heartbeat and valid until the buffer changes.
   */
  public static final class HeartbeatRequest {
    private static final byte[] NO_BYTES = {};

    /** Index of the prefix of the last heartbeat. */
    private int prefix;

    private byte[] bytes = NO_BYTES;
    private int appFrom;
    private int slash;
    private int idTo;
    private long timestampMs;
    private boolean hasTimestamp;

    /**
     * True if the connection's last header block marked its sender as a peer, or requested the
     * handle of the lease.
     */
    private boolean isDecoded;

    /** The read buffer that the spans point into. */
    public byte[] bytes() {
      return bytes;
    }

    /** Index of the application's first byte. */
    public int appFrom() {
      return appFrom;
    }

    /** Index of the slash between application and id. */
    public int slash() {
      return slash;
    }

    /** Index after the id's last byte. */
    public int idTo() {
      return idTo;
    }

    public boolean hasTimestamp() {
      return hasTimestamp;
    }

    /**
     * The sender's dirty timestamp, epoch ms, 0 or more; meaningless without {@link #hasTimestamp}.
     */
    public long timestampMs() {
      return timestampMs;
    }

    /** Releases the read buffer; the spans are no longer valid. */
    public void releaseBytes() {
      bytes = NO_BYTES;
    }

    void setPath(byte[] bytes, int appFrom, int slash, int idTo) {
      if (this.bytes != bytes) {
        // Usually it is the same array, and collectors attach work to the store of a reference.
        this.bytes = bytes;
      }
      this.appFrom = appFrom;
      this.slash = slash;
      this.idTo = idTo;
    }

    void setTimestamp(long timestampMs) {
      this.timestampMs = timestampMs;
      this.hasTimestamp = true;
    }
  }

  /**
   * Handles heartbeats that the matcher has matched, several at a time. One per event loop, and
   * confined to it. Does not allocate.
   */
  public interface HeartbeatHandler {
    /** Returns the maximum of heartbeats between two renewals. */
    int batchSizeMax();

    /**
     * Adds a heartbeat to those of the next renewal.
     *
     * @param heartbeat valid during the call; its bytes must not change until the renewal
     */
    void add(HeartbeatRequest heartbeat);

    /**
     * Renews the leases of the heartbeats added since the last call, in their order.
     *
     * @param nowNs monotonic time of this read cycle
     */
    void renew(long nowNs);

    /**
     * Returns the status of the response to a heartbeat of the last renewal. The response has no
     * body (spec §1.7).
     *
     * @param index in the order in which the heartbeats were added, from 0
     */
    int status(int index);

    /** Discards the heartbeats added since the last renewal. */
    void clear();
  }

  /** The header field that marks a single request as sent by a peer (spec §1.6). */
  public static final String REPLICATION_HEADER = "x-netflix-discovery-replication";

  private static final long STATUS = Ascii.wordOf("status=");
  private static final int STATUS_BYTES = 7;

  /* lastDirtyTimestamp= as three words, the last of which overlaps the one before. */
  private static final long TIMESTAMP = Ascii.wordOf("lastDirt");
  private static final long TIMESTAMP_ON = Ascii.wordOf("yTimesta");
  private static final long TIMESTAMP_END = Ascii.wordOf("mestamp=");
  private static final int TIMESTAMP_BYTES = 19;

  private static final int DIGITS_MAX = 18;

  /** Matches nothing, since no path begins with a space. */
  public static final HeartbeatMatcher NONE = new HeartbeatMatcher(List.of(" "));

  /** The method of a heartbeat, before its path. */
  private static final String METHOD = "PUT ";

  /** The beginnings of request lines, up to the application. */
  private final byte[][] lines;

  /** @param prefixes base paths such as {@code /v2}, without trailing slash; at least one */
  public HeartbeatMatcher(List<String> prefixes) {
    this.lines =
        prefixes.stream().map(prefix -> ascii(METHOD + prefix + "/apps/")).toArray(byte[][]::new);
  }

  /** Returns whether the head is a plain heartbeat of a client, and if so fills the target. */
  public boolean matches(RequestHead head, HeartbeatRequest target) {
    // For every request: headersRepeated compares with the previous request of any kind.
    if (!head.headersRepeated()) {
      target.isDecoded =
          head.headerIs(REPLICATION_HEADER, "true") || head.findHeader(LeaseHandle.FIELD) >= 0;
    }
    if (head.method() != HttpMethod.PUT) {
      return false;
    }
    byte[] bytes = head.bytes();
    int appFrom = afterPrefix(bytes, head.pathStart(), head.pathEnd(), target);
    return appFrom >= 0
        && !target.isDecoded
        && readPath(bytes, appFrom, head.pathEnd(), target)
        && readQuery(bytes, head.queryStart(), head.queryEnd(), target);
  }

  /** Returns the beginning of the request line of the last heartbeat, up to the application. */
  byte[] lineOf(HeartbeatRequest target) {
    return lines[target.prefix];
  }

  /** Tries the prefix of the connection's last heartbeat first. */
  private int afterPrefix(byte[] bytes, int from, int to, HeartbeatRequest target) {
    int end = afterPrefix(bytes, from, to, lines[target.prefix]);
    for (int i = 0; end < 0 && i < lines.length; i++) {
      end = afterPrefix(bytes, from, to, lines[i]);
      target.prefix = end < 0 ? target.prefix : i;
    }
    return end;
  }

  private static int afterPrefix(byte[] bytes, int from, int to, byte[] line) {
    int skipped = METHOD.length();
    int end = from + line.length - skipped;
    boolean isEqual = end < to && Arrays.equals(bytes, from, end, line, skipped, line.length);
    return isEqual ? end : -1;
  }

  /**
   * Reads two segments without escapes or parameters, optionally followed by a slash. Reads eight
   * bytes at a time, possibly beyond the target, which is safe: the rest of a complete head is
   * longer.
   */
  private static boolean readPath(byte[] bytes, int appFrom, int pathEnd, HeartbeatRequest target) {
    int idTo = bytes[pathEnd - 1] == '/' ? pathEnd - 1 : pathEnd;
    int slash = -1;
    for (int at = appFrom; at < idTo; at += Long.BYTES) {
      long word = first(Ascii.word(bytes, at), idTo - at);
      long slashes = Ascii.marksOf(word, '/');
      if ((Ascii.marksOf(word, '%') | Ascii.marksOf(word, ';')) != 0) {
        return false;
      }
      if (slashes != 0) {
        if (slash >= 0 || (slashes & (slashes - 1)) != 0) {
          return false;
        }
        slash = at + (Long.numberOfTrailingZeros(slashes) >>> 3);
      }
    }
    if (slash <= appFrom || slash == idTo - 1) {
      return false;
    }
    target.setPath(bytes, appFrom, slash, idTo);
    return true;
  }

  /**
   * Reads a query that is empty or consists of {@code status} and at most one
   * {@code lastDirtyTimestamp} of digits only.
   */
  private static boolean readQuery(byte[] bytes, int from, int to, HeartbeatRequest target) {
    target.hasTimestamp = false;
    int at = from;
    while (at < to) {
      int end;
      if (isTimestamp(bytes, at, to)) {
        end = readTimestamp(bytes, at + TIMESTAMP_BYTES, to, target);
      } else if (isStatus(bytes, at, to)) {
        end = endOfParameter(bytes, at + STATUS_BYTES, to);
      } else {
        return false;
      }
      if (end < 0) {
        return false;
      }
      at = end + 1;
    }
    return true;
  }

  private static boolean isStatus(byte[] bytes, int at, int to) {
    return to - at >= STATUS_BYTES && first(Ascii.word(bytes, at), STATUS_BYTES) == STATUS;
  }

  private static boolean isTimestamp(byte[] bytes, int at, int to) {
    return to - at >= TIMESTAMP_BYTES
        && Ascii.word(bytes, at) == TIMESTAMP
        && Ascii.word(bytes, at + 8) == TIMESTAMP_ON
        && Ascii.word(bytes, at + TIMESTAMP_BYTES - 8) == TIMESTAMP_END;
  }

  /** Reads 1 to 18 digits; returns the index after them, or -1 unless the parameter ends there. */
  private static int readTimestamp(byte[] bytes, int from, int to, HeartbeatRequest target) {
    long value = 0;
    int at = from;
    if (to - from >= Long.BYTES) {
      // Epoch milliseconds have thirteen digits: eight at once, five one by one.
      int eight = Ascii.eightDigits(Ascii.word(bytes, from));
      if (eight >= 0) {
        value = eight;
        at += Long.BYTES;
      }
    }
    while (at < to && bytes[at] >= '0' && bytes[at] <= '9') {
      value = value * 10 + (bytes[at] - '0');
      at++;
    }
    int digits = at - from;
    boolean isWhole = at == to || bytes[at] == '&';
    if (target.hasTimestamp || digits == 0 || digits > DIGITS_MAX || !isWhole) {
      return -1;
    }
    target.setTimestamp(value);
    return at;
  }

  private static int endOfParameter(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && bytes[at] != '&') {
      at++;
    }
    return at;
  }

  /** Returns the first bytes of a word, with zeros in place of the others. */
  private static long first(long word, int count) {
    return count >= Long.BYTES ? word : word & (-1L >>> (Long.SIZE - count * Byte.SIZE));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

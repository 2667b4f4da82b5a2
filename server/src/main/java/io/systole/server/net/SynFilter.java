// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.Buffer;
import io.netty.channel.unix.RawUnixChannelOption;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.internal.CleanableDirectBuffer;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A filter for a listening socket that drops SYN segments: no new handshake begins, while those in
 * progress complete and can be accepted.
 */
final class SynFilter {
  /*
   * Closing a listening socket resets the connections in its backlog, whose clients may have sent
   * requests already. New connections can arrive between the accept that finds the backlog empty
   * and the close, unless the kernel refuses them first. Linux has no call for that: a backlog of 0
   * still admits a connection, and shutdown(2) resets the backlog too. A classic BPF program
   * (socket(7), SO_ATTACH_FILTER) does it. Its input begins at the TCP header.
   *
   *     0  A = byte [13]            flags
   *     1  A = A & 2                SYN
   *     2  A == 2 ? next : jump to 4
   *     3  return 0                 drop
   *     4  return 65535             keep
   *
   * Accepted connections inherit the filter, where it only drops segments that are invalid anyway.
   */

  private static final Logger LOG = LoggerFactory.getLogger(SynFilter.class);

  /** The value on every architecture for which Netty has a native transport. */
  private static final int SOL_SOCKET = 1;

  private static final int SO_ATTACH_FILTER = 26;

  /** {@code struct sock_fprog}: the count in two bytes, and at 8 the address of the program. */
  private static final int FPROG_BYTES = 16;

  private static final int FPROG_ADDRESS_AT = 8;

  private static final RawUnixChannelOption ATTACH_FILTER =
      new RawUnixChannelOption("SO_ATTACH_FILTER", SOL_SOCKET, SO_ATTACH_FILTER, FPROG_BYTES);

  /** Opcode, jump if true, jump if false, operand; as in {@code struct sock_filter}. */
  private static final int[][] PROGRAM = {
    {0x30, 0, 0, 13}, {0x54, 0, 0, 2}, {0x15, 0, 1, 2}, {0x06, 0, 0, 0}, {0x06, 0, 0, 65_535}
  };

  private static final int INSTRUCTION_BYTES = 8;

  private SynFilter() {}

  /**
   * Attaches the filter, if the transport and the kernel support it.
   *
   * @return whether it is attached
   */
  static boolean attach(Channel listener) {
    if (!(listener instanceof UnixChannel)) {
      return false;
    }
    CleanableDirectBuffer program =
        Buffer.allocateDirectBufferWithNativeOrder(PROGRAM.length * INSTRUCTION_BYTES);
    CleanableDirectBuffer descriptor = Buffer.allocateDirectBufferWithNativeOrder(FPROG_BYTES);
    try {
      write(program.buffer());
      long address = Buffer.memoryAddress(program.buffer());
      descriptor.buffer().putShort(0, (short) PROGRAM.length).putLong(FPROG_ADDRESS_AT, address);
      return listener.config().setOption(ATTACH_FILTER, descriptor.buffer());
    } catch (ChannelException refused) {
      LOG.debug("SYN filter not attached to {}: {}", listener.localAddress(), refused.getMessage());
      return false;
    } finally {
      program.clean();
      descriptor.clean();
    }
  }

  private static void write(ByteBuffer program) {
    for (int[] instruction : PROGRAM) {
      program
          .putShort((short) instruction[0])
          .put((byte) instruction[1])
          .put((byte) instruction[2])
          .putInt(instruction[3]);
    }
    program.flip();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.ObjectMapper;

/**
 * Many readers in one thread. Each is due once in an interval, one after the other, at times that
 * are fixed from the start: a swarm that falls behind says so and catches up. Ends when its
 * standard input ends, and then says as JSON what it saw.
 */
@Command(name = "swarm", mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the fields before the call
public final class ReaderPool implements Callable<Integer> {
  /*
   *   turn       0    1    2         n-1   n   n+1
   *   member     0    1    2   ...   n-1   0    1   ...
   *   due at     0   i/n  2i/n              i  i+i/n      i: interval, n: members
   */
  private static final int BUFFER_BYTES = 1 << 18;
  private static final int TURNS_BETWEEN_SELECTS = 64;

  /** The least that the kernel grants: what a slow reader doesn't read stays with the server. */
  private static final int SLOW_RECEIVE_BYTES = 2_304;

  @Option(names = "--port", required = true)
  private int port;

  @Option(names = "--prefix", required = true)
  private String prefix;

  @Option(names = "--connections", required = true)
  private int connections;

  @Option(names = "--interval-ms", defaultValue = "1000")
  private int intervalMs;

  @Option(
      names = "--slow-bytes",
      defaultValue = "0",
      description = "Read so many bytes an interval of one full answer; 0 fetches deltas instead.")
  private int slowBytes;

  private final ReaderStats stats = new ReaderStats();
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
  private volatile boolean hasEnded;

  /** Runs a swarm. Exit codes: 0 ran, 1 failed, 2 bad usage. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new ReaderPool()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    endWithInput();
    try (Selector selector = Selector.open()) {
      List<ReaderConnection> members = connect(selector);
      run(selector, members);
      stats.count("open", members.stream().filter(ReaderConnection::isOpen).count());
      members.forEach(ReaderConnection::close);
    }
    System.out.println(new ObjectMapper().writeValueAsString(stats.reported()));
    return 0;
  }

  private void endWithInput() {
    Thread input = new Thread(() -> {
      try {
        while (System.in.read() >= 0) {
          // Whatever is said, only the end counts.
        }
      } catch (IOException e) {
        // An input that fails has ended too.
      }
      hasEnded = true;
    });
    input.setDaemon(true);
    input.start();
  }

  private List<ReaderConnection> connect(Selector selector) throws IOException {
    List<ReaderConnection> members = new ArrayList<>(connections);
    InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    for (int i = 0; i < connections; i++) {
      SocketChannel channel = SocketChannel.open();
      if (slowBytes > 0) {
        channel.setOption(StandardSocketOptions.SO_RCVBUF, SLOW_RECEIVE_BYTES);
      }
      channel.connect(server);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      SelectionKey key = channel.register(selector, 0);
      ReaderConnection member = slowBytes > 0
          ? new SlowReader(channel, key, request("apps", "identity"), slowBytes, stats)
          : new DeltaReader(channel, key, request("apps/delta", "gzip"), i, stats);
      key.attach(member);
      members.add(member);
    }
    return members;
  }

  private byte[] request(String resource, String coding) {
    return ("GET " + prefix + "/" + resource + " HTTP/1.1\r\nHost: localhost\r\n"
            + "Accept: application/json\r\nAccept-Encoding: " + coding + "\r\n\r\n")
        .getBytes(US_ASCII);
  }

  private void run(Selector selector, List<ReaderConnection> members) throws IOException {
    long startNs = System.nanoTime();
    double turnNs = TimeUnit.MILLISECONDS.toNanos(intervalMs) / (double) members.size();
    long turn = 0;
    while (!hasEnded) {
      long nowNs = System.nanoTime();
      long dueNs = startNs + (long) (turn * turnNs);
      for (int i = 0; i < TURNS_BETWEEN_SELECTS && nowNs - dueNs >= 0; i++) {
        ReaderConnection member = members.get((int) (turn % members.size()));
        if (member.isOpen()) {
          stats.time("ownLag", nowNs - dueNs);
          member.due(dueNs, nowNs, buffer);
        }
        turn++;
        dueNs = startNs + (long) (turn * turnNs);
      }
      if (nowNs - dueNs >= 0) {
        selector.selectNow(this::readable);
      } else {
        selector.select(this::readable, 1);
      }
    }
  }

  private void readable(SelectionKey key) {
    if (key.isValid() && key.attachment() instanceof ReaderConnection member) {
      member.readable(System.nanoTime(), buffer);
    }
  }
}

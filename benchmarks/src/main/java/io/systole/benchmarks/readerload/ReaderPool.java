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
 * A program that runs many readers in one thread. Each reader has a turn once per interval, at
 * times fixed from the start: a pool that falls behind reports its lag and catches up. The program
 * ends with its standard input and then prints its statistics as JSON.
 */
@Command(name = "reader-pool", mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the fields before the call
public final class ReaderPool implements Callable<Integer> {
  /*
   *   turn       0    1    2         n-1   n   n+1
   *   reader     0    1    2   ...   n-1   0    1   ...
   *   due at     0   i/n  2i/n              i  i+i/n      i: interval, n: readers
   */
  private static final int BUFFER_BYTES = 1 << 18;
  private static final int TURNS_BETWEEN_SELECTS = 64;

  /** The kernel's minimum: bytes that a slow reader does not read remain with the server. */
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
      description = "Bytes to read per interval of one full response; 0 fetches deltas instead.")
  private int slowBytes;

  private final ReaderStats stats = new ReaderStats();
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
  private volatile boolean isStopped;

  /** Runs a pool. Exit codes: 0 ran, 1 failed, 2 usage error. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new ReaderPool()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    stopAtEndOfInput();
    try (Selector selector = Selector.open()) {
      List<ReaderConnection> readers = connect(selector);
      run(selector, readers);
      stats.count("open", readers.stream().filter(ReaderConnection::isOpen).count());
      readers.forEach(ReaderConnection::close);
    }
    System.out.println(new ObjectMapper().writeValueAsString(stats.toMap()));
    return 0;
  }

  private void stopAtEndOfInput() {
    Thread input = new Thread(() -> {
      try {
        while (System.in.read() >= 0) {
          // Only the end of the input matters.
        }
      } catch (IOException e) {
        // A failed input has ended as well.
      }
      isStopped = true;
    });
    input.setDaemon(true);
    input.start();
  }

  private List<ReaderConnection> connect(Selector selector) throws IOException {
    List<ReaderConnection> readers = new ArrayList<>(connections);
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
      ReaderConnection reader = slowBytes > 0
          ? new SlowReader(channel, key, request("apps", "identity"), slowBytes, stats)
          : new DeltaReader(channel, key, request("apps/delta", "gzip"), i, stats);
      key.attach(reader);
      readers.add(reader);
    }
    return readers;
  }

  private byte[] request(String resource, String coding) {
    return ("GET " + prefix + "/" + resource + " HTTP/1.1\r\nHost: localhost\r\n"
            + "Accept: application/json\r\nAccept-Encoding: " + coding + "\r\n\r\n")
        .getBytes(US_ASCII);
  }

  private void run(Selector selector, List<ReaderConnection> readers) throws IOException {
    long startNs = System.nanoTime();
    double turnNs = TimeUnit.MILLISECONDS.toNanos(intervalMs) / (double) readers.size();
    long turn = 0;
    while (!isStopped) {
      long nowNs = System.nanoTime();
      long dueNs = startNs + (long) (turn * turnNs);
      for (int i = 0; i < TURNS_BETWEEN_SELECTS && nowNs - dueNs >= 0; i++) {
        ReaderConnection reader = readers.get((int) (turn % readers.size()));
        if (reader.isOpen()) {
          stats.time("ownLag", nowNs - dueNs);
          reader.onDue(dueNs, nowNs, buffer);
        }
        turn++;
        dueNs = startNs + (long) (turn * turnNs);
      }
      if (nowNs - dueNs >= 0) {
        selector.selectNow(this::onReadable);
      } else {
        selector.select(this::onReadable, 1);
      }
    }
  }

  private void onReadable(SelectionKey key) {
    if (key.isValid() && key.attachment() instanceof ReaderConnection reader) {
      reader.onReadable(System.nanoTime(), buffer);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import java.util.Locale;

/**
 * A heartbeat server as a competent developer first writes it on Netty: its HTTP codec, its
 * aggregator, strings and maps of strings. Speaks what a fleet needs to beat: register, renew,
 * cancel; evicts once a minute.
 */
public final class CodecBaselineServer extends ChannelInitializer<Channel> {
  private static final int BODY_BYTES_MAX = 1 << 20;

  private final NestedMapRegistry registry;
  private final FlushPolicy flush;

  /** A pipeline maker for connections that share {@code registry}. */
  public CodecBaselineServer(NestedMapRegistry registry, FlushPolicy flush) {
    this.registry = registry;
    this.flush = flush;
  }

  /** Runs until killed: {@code [--port P] [--flush each|read]}; port 0, the default, picks one. */
  public static void main(String[] args) {
    FlushPolicy flush = FlushPolicy.valueOf(
        BaselineListener.option(args, "--flush", "each").toUpperCase(Locale.ROOT));
    int port = Integer.parseInt(BaselineListener.option(args, "--port", "0"));
    NestedMapRegistry registry = new NestedMapRegistry();
    try (BaselineListener listening =
        BaselineListener.on(port, new CodecBaselineServer(registry, flush))) {
      listening.everyMinute(() -> registry.evictExpired(System.currentTimeMillis()));
      listening.announce("baseline");
      listening.awaitClose();
    }
  }

  @Override
  protected void initChannel(Channel channel) {
    addTo(channel.pipeline());
  }

  /** Adds the handlers of one connection. */
  public void addTo(ChannelPipeline pipeline) {
    pipeline.addLast(
        new HttpServerCodec(),
        new HttpObjectAggregator(BODY_BYTES_MAX),
        new CodecBaselineHandler(registry, flush));
  }
}

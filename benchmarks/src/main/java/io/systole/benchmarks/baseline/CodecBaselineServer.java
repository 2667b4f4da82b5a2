// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import java.util.Locale;

/**
 * A heartbeat server as a developer first writes it on Netty: HTTP codec, aggregator, strings and
 * nested maps of strings. Supports the requests of a fleet: register, renew, cancel; evicts once a
 * minute.
 */
public final class CodecBaselineServer extends ChannelInitializer<Channel> {
  private static final int BODY_BYTES_MAX = 1 << 20;

  private final NestedMapRegistry registry;
  private final FlushPolicy flush;

  /** Creates an initializer of connections that share {@code registry}. */
  public CodecBaselineServer(NestedMapRegistry registry, FlushPolicy flush) {
    this.registry = registry;
    this.flush = flush;
  }

  /** Runs until killed: {@code [--port P] [--flush each|read]}; port 0, the default, for any. */
  public static void main(String[] args) {
    FlushPolicy flush = FlushPolicy.valueOf(
        BaselineListener.option(args, "--flush", "each").toUpperCase(Locale.ROOT));
    int port = Integer.parseInt(BaselineListener.option(args, "--port", "0"));
    NestedMapRegistry registry = new NestedMapRegistry();
    try (BaselineListener listener =
        BaselineListener.bind(port, new CodecBaselineServer(registry, flush))) {
      listener.everyMinute(() -> registry.evictExpired(System.currentTimeMillis()));
      listener.announce("baseline");
      listener.awaitClose();
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

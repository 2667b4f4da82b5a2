// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import static io.netty.handler.codec.http.HttpResponseStatus.BAD_REQUEST;
import static io.netty.handler.codec.http.HttpResponseStatus.METHOD_NOT_ALLOWED;
import static io.netty.handler.codec.http.HttpResponseStatus.NOT_FOUND;
import static io.netty.handler.codec.http.HttpResponseStatus.NO_CONTENT;
import static io.netty.handler.codec.http.HttpResponseStatus.OK;

import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

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
        new Handler(registry, flush));
  }

  /** Handles requests to {@code /v2/apps/…} with a {@link NestedMapRegistry}. */
  @SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the connection
  private static final class Handler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final NestedMapRegistry registry;
    private final FlushPolicy flush;

    Handler(NestedMapRegistry registry, FlushPolicy flush) {
      this.registry = registry;
      this.flush = flush;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      boolean isHttp = request.decoderResult().isSuccess();
      boolean keepAlive = isHttp && HttpUtil.isKeepAlive(request);
      HttpResponseStatus status = isHttp ? response(request) : BAD_REQUEST;
      FullHttpResponse response =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.EMPTY_BUFFER);
      if (status.code() != NO_CONTENT.code()) {
        HttpUtil.setContentLength(response, 0);
      }
      HttpUtil.setKeepAlive(response, keepAlive);
      var written =
          flush == FlushPolicy.EACH ? context.writeAndFlush(response) : context.write(response);
      if (!keepAlive) {
        written.addListener(ChannelFutureListener.CLOSE);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      if (flush == FlushPolicy.READ) {
        context.flush();
      }
      context.fireChannelReadComplete();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close(); // usually a connection reset by the client
    }

    private HttpResponseStatus response(FullHttpRequest request) {
      DecodedTarget target = DecodedTarget.of(request.uri());
      if (!target.isAppsResource()) {
        return NOT_FOUND;
      }
      HttpMethod method = request.method();
      if (!target.hasId()) {
        return method.equals(HttpMethod.POST)
            ? register(target.app(), request)
            : METHOD_NOT_ALLOWED;
      }
      if (method.equals(HttpMethod.PUT)) {
        return renew(target);
      }
      if (method.equals(HttpMethod.DELETE)) {
        return registry.cancel(target.app(), target.id()) ? OK : NOT_FOUND;
      }
      return METHOD_NOT_ALLOWED;
    }

    private HttpResponseStatus renew(DecodedTarget target) {
      try {
        boolean isKnown = registry.renew(target.app(), target.id(), target.dirtyTimestampMs());
        return isKnown ? OK : NOT_FOUND;
      } catch (NumberFormatException e) {
        return BAD_REQUEST;
      }
    }

    private HttpResponseStatus register(String app, FullHttpRequest request) {
      try (InputStream body = new ByteBufInputStream(request.content())) {
        JsonNode instance = JSON.readTree(body).path("instance");
        String id = instance.path("instanceId").asString("");
        if (id.isEmpty() || !instance.path("app").asString("").equalsIgnoreCase(app)) {
          return BAD_REQUEST;
        }
        registry.register(app, id, instance.path("lastDirtyTimestamp").asLong(0));
        return NO_CONTENT;
      } catch (JacksonException | IOException e) {
        return BAD_REQUEST;
      }
    }
  }

  /** Time at which responses are flushed. */
  public enum FlushPolicy {
    /** After every response. */
    EACH,
    /** After all requests of a read. */
    READ
  }
}

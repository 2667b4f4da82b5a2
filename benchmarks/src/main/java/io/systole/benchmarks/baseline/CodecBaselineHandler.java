// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import static io.netty.handler.codec.http.HttpResponseStatus.BAD_REQUEST;
import static io.netty.handler.codec.http.HttpResponseStatus.METHOD_NOT_ALLOWED;
import static io.netty.handler.codec.http.HttpResponseStatus.NOT_FOUND;
import static io.netty.handler.codec.http.HttpResponseStatus.NO_CONTENT;
import static io.netty.handler.codec.http.HttpResponseStatus.OK;

import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Handles requests to {@code /v2/apps/…} with a {@link NestedMapRegistry}. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the connection
final class CodecBaselineHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final NestedMapRegistry registry;
  private final FlushPolicy flush;

  CodecBaselineHandler(NestedMapRegistry registry, FlushPolicy flush) {
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
      return method.equals(HttpMethod.POST) ? register(target.app(), request) : METHOD_NOT_ALLOWED;
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

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
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Answers whole requests for {@code /v2/apps/…} out of an {@link OrdinaryRegistry}. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the connection
final class OrdinaryHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final OrdinaryRegistry registry;
  private final Flush flush;

  OrdinaryHandler(OrdinaryRegistry registry, Flush flush) {
    this.registry = registry;
    this.flush = flush;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    boolean isHttp = request.decoderResult().isSuccess();
    boolean keepAlive = isHttp && HttpUtil.isKeepAlive(request);
    HttpResponseStatus status = isHttp ? answer(request) : BAD_REQUEST;
    FullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.EMPTY_BUFFER);
    if (status.code() != NO_CONTENT.code()) {
      HttpUtil.setContentLength(response, 0);
    }
    HttpUtil.setKeepAlive(response, keepAlive);
    var written = flush == Flush.EACH ? context.writeAndFlush(response) : context.write(response);
    if (!keepAlive) {
      written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (flush == Flush.READ) {
      context.flush();
    }
    context.fireChannelReadComplete();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close(); // a client that reset its connection, most of the time
  }

  private HttpResponseStatus answer(FullHttpRequest request) {
    QueryStringDecoder uri = new QueryStringDecoder(request.uri());
    String[] path = uri.path().split("/", -1); // "", "v2", "apps", app, id
    if (path.length < 4 || path.length > 5 || !path[1].equals("v2") || !path[2].equals("apps")) {
      return NOT_FOUND;
    }
    HttpMethod method = request.method();
    if (path.length == 4) {
      return method.equals(HttpMethod.POST) ? register(path[3], request) : METHOD_NOT_ALLOWED;
    }
    if (method.equals(HttpMethod.PUT)) {
      return renew(path[3], path[4], uri);
    }
    if (method.equals(HttpMethod.DELETE)) {
      return registry.cancel(path[3], path[4]) ? OK : NOT_FOUND;
    }
    return METHOD_NOT_ALLOWED;
  }

  private HttpResponseStatus renew(String app, String id, QueryStringDecoder uri) {
    String dirtyTimestamp = first(uri, "lastDirtyTimestamp");
    try {
      Long dirtyTimestampMs = dirtyTimestamp == null ? null : Long.valueOf(dirtyTimestamp);
      return registry.renew(app, id, dirtyTimestampMs) ? OK : NOT_FOUND;
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
    } catch (JacksonException | java.io.IOException e) {
      return BAD_REQUEST;
    }
  }

  private static @Nullable String first(QueryStringDecoder uri, String name) {
    List<String> values = uri.parameters().get(name);
    return values == null ? null : values.get(0);
  }
}

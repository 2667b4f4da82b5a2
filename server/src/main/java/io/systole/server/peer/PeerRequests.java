// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.systole.client.net.ServerAddress;
import java.util.UUID;

/**
 * Creates the requests of one connection; its batches are a sequence. Confined to an event loop.
 */
final class PeerRequests {
  /** The header field with a batch's place in a sequence, which stock servers ignore. */
  private static final String BATCH = "Systole-Batch";

  private final ServerAddress server;
  private String sequence = newSequence();
  private long batches;

  PeerRequests(ServerAddress server) {
    this.server = server;
  }

  /** Returns a random name, so that no one else can continue the sequence. */
  private static String newSequence() {
    return UUID.randomUUID().toString();
  }

  /** Starts another sequence, in which a batch is accepted that was late in this one. */
  void startSequence() {
    sequence = newSequence();
  }

  /** Returns the next batch of the sequence. */
  FullHttpRequest batch(String path, byte[] body) {
    FullHttpRequest request = request(HttpMethod.POST, path, body);
    batches++;
    request.headers().set(BATCH, sequence + "/" + batches);
    request.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
    HttpUtil.setContentLength(request, body.length);
    return request;
  }

  /** Returns a request for a document, compressed if the peer supports it. */
  FullHttpRequest read(HttpMethod method, String path) {
    FullHttpRequest request = request(method, path, new byte[0]);
    request.headers().set(HttpHeaderNames.ACCEPT_ENCODING, HttpHeaderValues.GZIP);
    return request;
  }

  private FullHttpRequest request(HttpMethod method, String path, byte[] body) {
    FullHttpRequest request = new DefaultFullHttpRequest(
        HttpVersion.HTTP_1_1, method, server.basePath() + path, Unpooled.wrappedBuffer(body));
    request.headers().set(HttpHeaderNames.ACCEPT, HttpHeaderValues.APPLICATION_JSON);
    server.headers().lines().forEach(line -> {
      int colon = line.indexOf(':');
      request.headers().set(line.substring(0, colon), line.substring(colon + 1).strip());
    });
    return request;
  }
}

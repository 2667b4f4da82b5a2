// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Assembles the final responses of one channel and passes them on as {@link PeerResponse}. Skips
 * interim ones. Throws if a response is malformed or exceeds a limit.
 */
final class ResponseAssembler extends SimpleChannelInboundHandler<HttpObject> {
  /** Interim responses to one request; servers and proxies send one or two. */
  private static final int INTERIM_MAX = 8;

  private final InetSocketAddress address;
  private final ResponseMemory.Share memory;
  private int bytesMax;

  /** The interim responses to the present request. */
  private int interims;

  // Null between responses, and after a failure.
  private @Nullable HttpResponse head;
  private @Nullable PeerResponseBody body;

  /** @param address in the reasons of failures */
  ResponseAssembler(InetSocketAddress address, ResponseMemory.Share memory) {
    this.address = address;
    this.memory = memory;
  }

  /**
   * Prepares for the response to another request.
   *
   * @param responseBytesMax of its body as received
   */
  void expect(int responseBytesMax) {
    bytesMax = responseBytesMax;
    interims = 0;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HttpObject part) throws IOException {
    Throwable malformed = part.decoderResult().cause();
    if (malformed != null) {
      end();
      throw new IOException("malformed response from " + address + ": "
          + PeerFailureReason.truncated(String.valueOf(malformed.getMessage())));
    }
    if (part instanceof HttpResponse started) {
      head = started;
      body = new PeerResponseBody(bytesMax, memory);
      if (HttpUtil.getContentLength(started, 0L) > bytesMax) {
        throw refused("exceeds " + bytesMax + " bytes");
      }
    }
    HttpResponse response = head;
    PeerResponseBody received = body;
    if (response == null || received == null || !(part instanceof HttpContent content)) {
      return;
    }
    try {
      received.add(content.content());
    } catch (IOException tooLarge) {
      throw refused(tooLarge.getMessage());
    }
    if (content instanceof LastHttpContent) {
      end();
      received(context, response, received);
    }
  }

  private IOException refused(@Nullable String reason) {
    end();
    return new IOException("response from " + address + " " + reason);
  }

  private void end() {
    head = null;
    body = null;
  }

  private void received(
      ChannelHandlerContext context, HttpResponse response, PeerResponseBody received)
      throws IOException {
    if (!isInterim(response)) {
      context.fireChannelRead(PeerResponse.of(response, received.toBytes()));
    } else if (++interims > INTERIM_MAX) {
      throw new IOException("too many interim responses from " + address);
    }
  }

  /** Returns whether the final response follows (RFC 9110 section 15.2). */
  private static boolean isInterim(HttpResponse response) {
    return response.status().codeClass() == HttpStatusClass.INFORMATIONAL
        && !response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS);
  }
}

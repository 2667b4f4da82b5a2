// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The requests that Netty's decoder reads from the bytes of one connection. */
final class NettyTranscript {
  /** One request; the body may be cut short by an error or by the end of the bytes. */
  static final class Message {
    final HttpRequest request;
    final StringBuilder body = new StringBuilder();
    boolean complete;

    private Message(HttpRequest request) {
      this.request = request;
    }

    /** Returns whether our parser read the same head. */
    boolean hasHeadOf(Transcript.Message ours) {
      return request.method().name().equals(ours.method)
          && request.uri().equals(ours.target)
          && request.protocolVersion().equals(HttpVersion.HTTP_1_1) == ours.isHttp11
          && HttpUtil.getContentLength(request, 0L) == ours.contentLength
          && HttpUtil.isTransferEncodingChunked(request) == ours.chunked
          && HttpUtil.isKeepAlive(request) == ours.keepAlive;
    }

    @Override
    public String toString() {
      return request + " [" + body + "] " + (complete ? "complete" : "incomplete");
    }
  }

  final List<Message> messages = new ArrayList<>();

  @Nullable
  Throwable refusal;

  private NettyTranscript() {}

  /**
   * Decodes all bytes at once, with limits that no input of the tests exceeds.
   *
   * @param channel is empty before and after
   */
  static NettyTranscript of(byte[] bytes, EmbeddedChannel channel) {
    HttpDecoderConfig config =
        new HttpDecoderConfig().setMaxInitialLineLength(1 << 16).setMaxHeaderSize(1 << 16);
    HttpRequestDecoder decoder = new HttpRequestDecoder(config);
    channel.pipeline().addLast(decoder);
    NettyTranscript transcript = new NettyTranscript();
    channel.writeInbound(Unpooled.wrappedBuffer(bytes));
    for (Object read = channel.readInbound(); read != null; read = channel.readInbound()) {
      transcript.add((HttpObject) read);
      ReferenceCountUtil.release(read);
    }
    channel.pipeline().remove(decoder);
    channel.releaseInbound();
    return transcript;
  }

  private void add(HttpObject read) {
    if (read.decoderResult().isFailure()) {
      refusal = read.decoderResult().cause();
    } else if (read instanceof HttpRequest request) {
      messages.add(new Message(request));
    } else if (read instanceof HttpContent content) {
      Message message = messages.get(messages.size() - 1);
      message.body.append(content.content().toString(StandardCharsets.ISO_8859_1));
      message.complete = read instanceof LastHttpContent;
    }
  }

  @Override
  public String toString() {
    return messages + (refusal == null ? "" : " " + refusal);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ConstantResponseServerTest {
  private static final String RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

  @Test
  void channelRead_pipelinedOverSocket_writesOneConstantEach() throws IOException {
    String requests = "PUT /a HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3);

    try (BaselineListener listener = BaselineListener.bind(0, new ConstantResponseServer())) {
      String responses = RawHttp.exchange(listener.port(), requests, 3);

      assertThat(responses).isEqualTo(RESPONSE.repeat(3));
    }
  }

  @Test
  void channelRead_splitAnywhere_writesTheSame() {
    String requests =
        "POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}PUT /b HTTP/1.1\r\nHost: x\r\n\r\n";

    for (int split = 1; split < requests.length(); split++) {
      EmbeddedChannel channel = new EmbeddedChannel(new ConstantResponseServer.Handler());
      channel.writeInbound(bytes(requests.substring(0, split)));
      channel.writeInbound(bytes(requests.substring(split)));

      assertThat(outbound(channel)).as("split at %d", split).isEqualTo(RESPONSE.repeat(2));
    }
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  private static String outbound(EmbeddedChannel channel) {
    StringBuilder text = new StringBuilder();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      text.append(out.toString(StandardCharsets.US_ASCII));
      out.release();
    }
    return text.toString();
  }
}

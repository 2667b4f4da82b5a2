// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SseParserTest {
  private final SseParser reader = new SseParser(3_000);
  private final List<String> events = new ArrayList<>();

  private void read(String text) throws IOException {
    reader.read(
        ByteBuffer.wrap(text.getBytes(UTF_8)),
        event ->
            events.add(event.id() + "|" + event.type() + "|" + new String(event.data(), UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void read_anySplitAndLineEnd_returnsSameEvents(String end) throws IOException {
    String stream = """
        :hello
        id: 7
        event: instance
        data: {"ä":1}

        :

        data:x
        data: y
        colour: red
        data

        event: nothing

        data: z

        """.replace("\n", end);

    for (int index = 0; index < stream.length(); index++) {
      read(stream.substring(index, index + 1));
    }

    assertThat(events).containsExactly("7|instance|{\"ä\":1}", "||x\ny\n", "||z");
  }

  @Test
  void read_endlessLine_throws() throws IOException {
    read("data: " + "x".repeat(2_994));

    assertThatThrownBy(() -> read("x")).hasMessage("event exceeds 3000 bytes");
  }

  @Test
  void read_endlessEvent_throws() throws IOException {
    read("data: " + "x".repeat(2_000) + "\n");

    assertThatThrownBy(() -> read("data: " + "x".repeat(1_000) + "\n"))
        .hasMessage("event exceeds 3000 bytes");
  }
}

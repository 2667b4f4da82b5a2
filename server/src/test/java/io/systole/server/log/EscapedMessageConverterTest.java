// SPDX-License-Identifier: Apache-2.0
package io.systole.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.junit.jupiter.api.Test;

class EscapedMessageConverterTest {
  private static String converted(String template, Object... arguments) {
    var logger = new LoggerContext().getLogger("a");
    return new EscapedMessageConverter()
        .convert(new LoggingEvent("", logger, Level.DEBUG, template, null, arguments));
  }

  /** Regression: at DEBUG, the name of an application could begin a line of its own. */
  @Test
  void convert_hostileText_staysOnItsLine() {
    assertThat(converted("registration refused app={}", "A\n2026 INFO fake \u001b[2J"))
        .isEqualTo("registration refused app=A\\u000a2026 INFO fake \\u001b[2J");
  }

  @Test
  void convert_ordinaryMessage_isUnchanged() {
    assertThat(converted("can't read \"{}\": größer", "C:\\file"))
        .isEqualTo("can't read \"C:\\file\": größer");
  }
}

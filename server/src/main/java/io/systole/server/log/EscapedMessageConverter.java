// SPDX-License-Identifier: Apache-2.0
package io.systole.server.log;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.systole.protocol.model.EscapedText;

/**
 * The message of an event on one line of text. Text from the network that a message contains can't
 * begin a line of its own or control a terminal, even where its logger has not escaped it.
 */
public final class EscapedMessageConverter extends ClassicConverter {
  @Override
  public String convert(ILoggingEvent event) {
    return EscapedText.line(String.valueOf(event.getFormattedMessage()));
  }
}

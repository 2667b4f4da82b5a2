// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.XmlCodec;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.StatusInfo;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import io.systole.server.view.Language;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Documents of one thing as answers, in the language that the request asks for (spec §1.4). */
public final class Documents {
  /** What the original says to a body it can't read (spec §1.7). */
  static final Reply UNPARSABLE_JSON =
      refusal(Reply.JSON, "{\"error\": \"cannot parse request body\"}");

  private static final Reply UNPARSABLE_XML =
      refusal(Reply.XML, "<error><message>cannot parse request body</message></error>");

  private final Map<Language, Codec> codecs =
      Map.of(Language.JSON, new JsonCodec(), Language.XML, new XmlCodec());

  private static Reply refusal(String type, String text) {
    return Reply.of(400, type, text.getBytes(StandardCharsets.US_ASCII));
  }

  /** That the body can't be read, in the language that the request asks for. */
  Reply unparsable(Request request) {
    return Wanted.languageOf(request) == Language.JSON ? UNPARSABLE_JSON : UNPARSABLE_XML;
  }

  /** An instance; always in full form (spec §1.4). */
  Reply instance(int status, InstanceInfo instance, Request request) {
    Language language = Wanted.languageOf(request);
    return reply(status, language, codec(language).encodeInstance(instance, Form.FULL));
  }

  Reply status(StatusInfo status, Request request) {
    Language language = Wanted.languageOf(request);
    return reply(200, language, codec(language).encodeStatus(status));
  }

  private static Reply reply(int status, Language language, byte[] body) {
    return new Reply(status, language.mediaType(), Wanted.VARY, body);
  }

  private Codec codec(Language language) {
    Codec codec = codecs.get(language);
    if (codec == null) {
      throw new IllegalStateException("no codec for " + language);
    }
    return codec;
  }

  /** Reads a body by its {@code Content-Type}; null when that names no language we know. */
  @Nullable
  Codec codecOf(Request request) {
    Language language = languageOfBody(request);
    return language == null ? null : codec(language);
  }

  /** Returns the language that {@code Content-Type} names, or null when we don't know it. */
  static @Nullable Language languageOfBody(Request request) {
    String type = request.header("content-type");
    if (type == null) {
      return null;
    }
    String[] parts = type.toLowerCase(Locale.ROOT).split(";", -1);
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip();
      if (parameter.startsWith("charset=") && !isKnownCharset(parameter.substring(8))) {
        return null;
      }
    }
    String mediaType = parts[0].strip();
    for (Language language : Language.values()) {
      if (language.mediaType().equals(mediaType)) {
        return language;
      }
    }
    return null;
  }

  private static boolean isKnownCharset(String name) {
    String bare = name.replace("\"", "");
    return bare.equals("utf-8") || bare.equals("iso-8859-1") || bare.equals("us-ascii");
  }
}

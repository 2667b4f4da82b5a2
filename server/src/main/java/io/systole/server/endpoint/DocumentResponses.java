// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.XmlCodec;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.StatusInfo;
import io.systole.server.responsecache.DocumentFormat;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Documents of one thing as answers, in the language that the request asks for (spec §1.4). */
public final class DocumentResponses {
  /** What the original says to a body it can't read (spec §1.7). */
  static final Response UNPARSABLE_JSON =
      refusal(Response.JSON, "{\"error\": \"cannot parse request body\"}");

  private static final Response UNPARSABLE_XML =
      refusal(Response.XML, "<error><message>cannot parse request body</message></error>");

  private final Map<DocumentFormat, Codec> codecs =
      Map.of(DocumentFormat.JSON, new JsonCodec(), DocumentFormat.XML, new XmlCodec());

  private static Response refusal(String type, String text) {
    return Response.of(400, type, text.getBytes(StandardCharsets.US_ASCII));
  }

  /** That the body can't be read, in the language that the request asks for. */
  Response unparsable(Request request) {
    return ContentNegotiation.languageOf(request) == DocumentFormat.JSON
        ? UNPARSABLE_JSON
        : UNPARSABLE_XML;
  }

  /** An instance; always in full form (spec §1.4). */
  Response instance(int status, InstanceInfo instance, Request request) {
    DocumentFormat language = ContentNegotiation.languageOf(request);
    return reply(status, language, codec(language).encodeInstance(instance, Form.FULL));
  }

  Response status(StatusInfo status, Request request) {
    DocumentFormat language = ContentNegotiation.languageOf(request);
    return reply(200, language, codec(language).encodeStatus(status));
  }

  private static Response reply(int status, DocumentFormat language, byte[] body) {
    return new Response(status, language.mediaType(), ContentNegotiation.VARY, body);
  }

  private Codec codec(DocumentFormat language) {
    Codec codec = codecs.get(language);
    if (codec == null) {
      throw new IllegalStateException("no codec for " + language);
    }
    return codec;
  }

  /** Reads a body by its {@code Content-Type}; null when that names no language we know. */
  @Nullable
  Codec codecOf(Request request) {
    DocumentFormat language = languageOfBody(request);
    return language == null ? null : codec(language);
  }

  /** Returns the language that {@code Content-Type} names, or null when we don't know it. */
  static @Nullable DocumentFormat languageOfBody(Request request) {
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
    for (DocumentFormat language : DocumentFormat.values()) {
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

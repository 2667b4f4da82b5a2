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

/** Responses with a single document, in the format that the request accepts (spec §1.4). */
public final class DocumentResponses {
  /** The stock server's response to an unreadable body (spec §1.7). */
  static final Response UNPARSABLE_JSON =
      refusal(Response.JSON, "{\"error\": \"cannot parse request body\"}");

  private static final Response UNPARSABLE_XML =
      refusal(Response.XML, "<error><message>cannot parse request body</message></error>");

  private final Map<DocumentFormat, Codec> codecs =
      Map.of(DocumentFormat.JSON, new JsonCodec(), DocumentFormat.XML, new XmlCodec());

  private static Response refusal(String type, String text) {
    return Response.of(400, type, text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Returns the response to an unreadable body, in the format that the request accepts. */
  Response unparsable(Request request) {
    return ContentNegotiation.formatOf(request) == DocumentFormat.JSON
        ? UNPARSABLE_JSON
        : UNPARSABLE_XML;
  }

  /** Returns a response with an instance, always in full form (spec §1.4). */
  Response instance(int status, InstanceInfo instance, Request request) {
    DocumentFormat format = ContentNegotiation.formatOf(request);
    return response(status, format, codec(format).encodeInstance(instance, Form.FULL));
  }

  Response status(StatusInfo status, Request request) {
    DocumentFormat format = ContentNegotiation.formatOf(request);
    return response(200, format, codec(format).encodeStatus(status));
  }

  private static Response response(int status, DocumentFormat format, byte[] body) {
    return new Response(status, format.mediaType(), ContentNegotiation.VARY, body);
  }

  private Codec codec(DocumentFormat format) {
    Codec codec = codecs.get(format);
    if (codec == null) {
      throw new IllegalStateException("no codec for " + format);
    }
    return codec;
  }

  /** Returns the codec for the request's {@code Content-Type}; null if unsupported. */
  @Nullable
  Codec codecOf(Request request) {
    DocumentFormat format = formatOfBody(request);
    return format == null ? null : codec(format);
  }

  /** Returns the format that {@code Content-Type} names; null if unsupported. */
  static @Nullable DocumentFormat formatOfBody(Request request) {
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
    for (DocumentFormat format : DocumentFormat.values()) {
      if (format.mediaType().equals(mediaType)) {
        return format;
      }
    }
    return null;
  }

  private static boolean isKnownCharset(String name) {
    String bare = name.replace("\"", "");
    return bare.equals("utf-8") || bare.equals("iso-8859-1") || bare.equals("us-ascii");
  }
}

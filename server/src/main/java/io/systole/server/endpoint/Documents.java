// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Form;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.StatusInfo;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import io.systole.server.view.EncodedView;
import io.systole.server.view.Language;
import io.systole.server.view.Pass;
import io.systole.server.view.ViewKey;
import io.systole.server.view.Views;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Documents as answers, in the language, form and coding that the request asks for (spec §1.4). */
public final class Documents {
  /** What an answer depends on beside its address; the originals don't say so, caches need it. */
  private static final Map<String, String> VARY =
      Map.of("Vary", "Accept, Accept-Encoding, X-Eureka-Accept");

  /** What the original says to a body it can't read (spec §1.7). */
  static final Reply UNPARSABLE_JSON =
      refusal(Reply.JSON, "{\"error\": \"cannot parse request body\"}");

  private static final Reply UNPARSABLE_XML =
      refusal(Reply.XML, "<error><message>cannot parse request body</message></error>");

  private final Views views;

  public Documents(Views views) {
    this.views = views;
  }

  private static Reply refusal(String type, String text) {
    return Reply.of(400, type, text.getBytes(StandardCharsets.US_ASCII));
  }

  /** That the body can't be read, in the language that the request asks for. */
  Reply unparsable(Request request) {
    return language(request) == Language.JSON ? UNPARSABLE_JSON : UNPARSABLE_XML;
  }

  /** An instance; always in full form (spec §1.4). */
  Reply instance(int status, InstanceInfo instance, Request request) {
    Language language = language(request);
    return reply(status, language, codec(language).encodeInstance(instance, Form.FULL));
  }

  Reply status(StatusInfo status, Request request) {
    Language language = language(request);
    return reply(200, language, codec(language).encodeStatus(status));
  }

  /**
   * An answer that was made ahead; what isn't named is compressed for who takes it so, as by the
   * original (spec §1.5). Waits until it is made.
   *
   * @param name of the application, upper case, or the virtual name; empty where there is none
   */
  Reply view(ViewKey.Extent extent, String name, Request request) {
    Language language = language(request);
    AwaitedView awaited = new AwaitedView();
    views.view(new ViewKey(extent, name, language, form(request)), awaited);
    EncodedView view = awaited.view();
    if (view == null) {
      return Reply.NOT_FOUND;
    }
    if (!name.isEmpty() || !AcceptedCodings.includeGzip(request.header("accept-encoding"))) {
      return reply(200, language, bytes(view.openPlain(), view.plainLength()));
    }
    Map<String, String> headers =
        Map.of("Content-Encoding", "gzip", "Vary", "Accept, Accept-Encoding, X-Eureka-Accept");
    byte[] body = bytes(view.openGzip(), view.gzipLength());
    return new Reply(200, language.mediaType(), headers, body);
  }

  private static byte[] bytes(Pass pass, long length) {
    byte[] bytes = new byte[Math.toIntExact(length)];
    try (pass) {
      int at = 0;
      while (at < bytes.length) {
        at += pass.read(bytes, at, bytes.length - at);
      }
    }
    return bytes;
  }

  private static Reply reply(int status, Language language, byte[] body) {
    return new Reply(status, language.mediaType(), VARY, body);
  }

  /** JSON for who says so anywhere, in any case; else XML, as the original (spec §1.4). */
  private static Language language(Request request) {
    String accept = request.header("accept");
    boolean namesJson = accept != null && accept.toLowerCase(Locale.ROOT).contains("json");
    return namesJson ? Language.JSON : Language.XML;
  }

  private static Form form(Request request) {
    return "compact".equalsIgnoreCase(request.header("x-eureka-accept")) ? Form.COMPACT : Form.FULL;
  }

  private Codec codec(Language language) {
    return views.codec(language);
  }

  /** Reads a body by its {@code Content-Type}; null when that names no language we know. */
  @Nullable
  Codec codecOf(Request request) {
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
        return codec(language);
      }
    }
    return null;
  }

  private static boolean isKnownCharset(String name) {
    String bare = name.replace("\"", "");
    return bare.equals("utf-8") || bare.equals("iso-8859-1") || bare.equals("us-ascii");
  }
}

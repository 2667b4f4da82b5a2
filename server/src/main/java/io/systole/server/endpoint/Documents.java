// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.XmlCodec;
import io.systole.protocol.model.InstanceInfo;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Chooses between the two languages of a document, for reading and for answering (spec §1.4). */
public final class Documents {
  private final Codec json = new JsonCodec();
  private final Codec xml = new XmlCodec();

  /** An instance in the language the request accepts: JSON when it says so, else XML. */
  Reply instance(int status, InstanceInfo instance, Request request) {
    String accept = request.header("accept");
    boolean wantsJson = accept != null && accept.toLowerCase(Locale.ROOT).contains("json");
    return wantsJson
        ? Reply.of(status, Reply.JSON, json.encodeInstance(instance, Form.FULL))
        : Reply.of(status, Reply.XML, xml.encodeInstance(instance, Form.FULL));
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
    return switch (parts[0].strip()) {
      case Reply.JSON -> json;
      case Reply.XML -> xml;
      default -> null;
    };
  }

  private static boolean isKnownCharset(String name) {
    String bare = name.replace("\"", "");
    return bare.equals("utf-8") || bare.equals("iso-8859-1") || bare.equals("us-ascii");
  }
}

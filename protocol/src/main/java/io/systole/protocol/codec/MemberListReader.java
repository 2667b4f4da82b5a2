// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A reader of the members of a native cluster as a node lists them:
 * {@code {"members":[{"name":"10.0.0.1:7800","url":"http://10.0.0.1:8761/eureka/"}]}}. Thread-safe.
 */
public final class MemberListReader {
  /** Bytes of a list, which suffice for several hundred members. */
  public static final int BYTES_MAX = 65_536;

  private static final JsonFactory FACTORY = JsonCodec.newFactory(DocumentLimits.DEPTH_MAX);

  private MemberListReader() {}

  /**
   * Returns the URLs of the members in order, as they are written. A member without a URL is left
   * out, since it serves no clients.
   *
   * @throws MalformedDocumentException if the document is not such a list, or exceeds
   *     {@link #BYTES_MAX}
   */
  public static List<String> urls(byte[] document) throws MalformedDocumentException {
    DocumentLimits.checkLength(document.length, BYTES_MAX);
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), document)) {
      require(parser.nextToken() == JsonToken.START_OBJECT, "an object", parser);
      List<String> urls = null;
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        parser.nextToken();
        if (name.equals("members")) {
          urls = members(parser);
        } else {
          parser.skipChildren();
        }
      }
      if (urls == null) {
        throw JsonDocumentReader.unexpected("the member \"members\"", parser);
      }
      require(parser.nextToken() == null, "nothing after the document", parser);
      return urls;
    } catch (JacksonException e) {
      throw JsonCodec.malformed(e);
    }
  }

  private static List<String> members(JsonParser parser) throws MalformedDocumentException {
    require(parser.currentToken() == JsonToken.START_ARRAY, "an array of members", parser);
    List<String> urls = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      require(parser.currentToken() == JsonToken.START_OBJECT, "a member", parser);
      String url = url(parser);
      if (!url.isEmpty()) {
        urls.add(url);
      }
    }
    return urls;
  }

  private static String url(JsonParser parser) {
    String url = "";
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      JsonToken value = parser.nextToken();
      if (name.equals("url") && value == JsonToken.VALUE_STRING) {
        url = parser.getString();
      } else {
        parser.skipChildren();
      }
    }
    return url;
  }

  private static void require(boolean isExpected, String expected, JsonParser parser)
      throws MalformedDocumentException {
    if (!isExpected) {
      throw JsonDocumentReader.unexpected(expected, parser);
    }
  }
}

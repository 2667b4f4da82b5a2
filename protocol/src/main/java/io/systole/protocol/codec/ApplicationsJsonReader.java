// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads one application or a registry without its wrapper, from the opening brace to the closing
 * one. Accepts a single object in place of a list of one, as written by old peers (spec §6.7).
 */
final class ApplicationsJsonReader {
  private final JsonParser parser;
  private final InstanceJsonReader instance;

  ApplicationsJsonReader(JsonParser parser, long nowMs, StringInterner interner) {
    this.parser = parser;
    this.instance = new InstanceJsonReader(parser, nowMs, interner);
  }

  Applications readApplications() throws MalformedDocumentException {
    String version = "";
    String hashCode = "";
    List<Application> applications = List.of();
    for (String name = instance.nextMember(); name != null; name = instance.nextMember()) {
      switch (name) {
        case "versions__delta" -> version = instance.text();
        case "apps__hashcode" -> hashCode = instance.text();
        case "application" -> applications = list(this::readApplication);
        default -> parser.skipChildren();
      }
    }
    return new Applications(version, hashCode, applications);
  }

  Application readApplication() throws MalformedDocumentException {
    String application = null;
    List<InstanceInfo> instances = List.of();
    for (String name = instance.nextMember(); name != null; name = instance.nextMember()) {
      switch (name) {
        case "name" -> application = instance.text();
        case "instance" -> instances = list(instance::read);
        default -> parser.skipChildren();
      }
    }
    if (application == null) {
      throw InstanceJsonReader.unexpected("the member \"name\" in the application", parser);
    }
    return new Application(application, instances);
  }

  private interface Item<T> {
    T read() throws MalformedDocumentException;
  }

  private <T> List<T> list(Item<T> item) throws MalformedDocumentException {
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      return List.of(item.read());
    }
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw InstanceJsonReader.unexpected("an array", parser);
    }
    List<T> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw InstanceJsonReader.unexpected("an object in the array", parser);
      }
      items.add(item.read());
    }
    return items;
  }
}

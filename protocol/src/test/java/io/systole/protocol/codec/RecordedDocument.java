// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The document of a recorded response, decoded and encoded again by our codec.
 *
 * @param applications as decoded; a single one for documents of an application or instance
 */
record RecordedDocument(List<Application> applications, String hash, String encoded) {

  static boolean isIn(Capture capture) {
    return capture
        .response()
        .bodyText()
        .matches("(?s)(<(applications?|instance)>|\\{\"(applications?|instance)\":).*");
  }

  static RecordedDocument of(Capture capture) throws MalformedDocumentException {
    byte[] body = capture.response().body();
    String text = capture.response().bodyText();
    Codec codec = text.startsWith("<") ? new XmlCodec() : new JsonCodec();
    boolean isCompact = capture.request().header("x-eureka-accept").equals("compact");
    Form form = isCompact ? Form.COMPACT : Form.FULL;
    String root = text.replaceFirst("(?s)[^a-z]*([a-z]+).*", "$1");
    switch (root) {
      case "instance" -> {
        // Responses with one instance are always full (spec §1.4).
        InstanceInfo instance = codec.decodeInstance(body, 0, body.length, 0);
        Application around = new Application(instance.app(), List.of(instance));
        return of(List.of(around), codec.encodeInstance(instance, Form.FULL));
      }
      case "application" -> {
        Application application = codec.decodeApplication(body, 0, body.length, 0);
        return of(List.of(application), codec.encodeApplication(application, form));
      }
      default -> {
        Applications all = codec.decodeApplications(body, 0, body.length, 0);
        byte[] encoded = codec.encodeApplications(all, form);
        return new RecordedDocument(
            all.applications(), all.appsHashCode(), new String(encoded, StandardCharsets.UTF_8));
      }
    }
  }

  List<InstanceInfo> instances() {
    return applications.stream()
        .flatMap(application -> application.instances().stream())
        .toList();
  }

  private static RecordedDocument of(List<Application> around, byte[] encoded) {
    return new RecordedDocument(around, "", new String(encoded, StandardCharsets.UTF_8));
  }
}

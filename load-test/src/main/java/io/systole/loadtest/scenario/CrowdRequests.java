// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.client.api.InstanceSupplier;
import io.systole.loadtest.read.RegistryRequest;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.InstanceInfo;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The requests of many clients that differ only in their instance id. */
final class CrowdRequests {
  /** The kind of a request. */
  enum CrowdRequest {
    REGISTER,
    CANCEL
  }

  private static final String APPLICATION = "crowd";

  /** Part of the template's id; occurs nowhere else in its document. */
  private static final String NUMBER = "@number@";

  private final String path;
  private final String fields;
  private final String documentStart;
  private final String documentEnd;

  /** @param source supplies the template of the documents */
  CrowdRequests(URI target, InstanceSupplier source) {
    InstanceInfo template = source.instance(System.currentTimeMillis()).toBuilder()
        .app(APPLICATION)
        .instanceId(id(NUMBER))
        .build();
    String document =
        new String(new JsonCodec().encodeInstance(template, Form.FULL), StandardCharsets.UTF_8);
    int at = document.indexOf(NUMBER);
    this.documentStart = document.substring(0, at);
    this.documentEnd = document.substring(at + NUMBER.length());
    this.path = target.getRawPath().replaceAll("/+$", "") + "/apps/" + APPLICATION;
    String authorization = RegistryRequest.authorization(target);
    this.fields = " HTTP/1.1\r\nHost: " + target.getHost() + "\r\nAccept: application/json\r\n"
        + (authorization == null ? "" : "Authorization: " + authorization + "\r\n");
  }

  private static String id(String number) {
    return APPLICATION + "-" + number;
  }

  ByteBuffer of(CrowdRequest request, int client) {
    String number = Integer.toString(client);
    String text = request == CrowdRequest.CANCEL
        ? "DELETE " + path + "/" + id(number) + fields + "\r\n"
        : "POST " + path + fields + "Content-Type: application/json\r\nContent-Length: "
            + (documentStart.length() + number.length() + documentEnd.length())
            + "\r\n\r\n" + documentStart + number + documentEnd;
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}

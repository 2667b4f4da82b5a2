// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Registry;
import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Every status that somebody insists on: {@code GET serverinfo/statusoverrides} (item 17). */
public final class OverridesEndpoint implements Endpoint {
  private final JsonFactory factory = new JsonFactory();
  private final Registry registry;

  public OverridesEndpoint(Registry registry) {
    this.registry = registry;
  }

  @Override
  public Reply handle(Request request) {
    Map<String, InstanceStatus> overrides = registry.overrides();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = factory.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      overrides.forEach((id, status) -> json.writeStringProperty(id, status.name()));
      json.writeEndObject();
    }
    return Reply.of(200, Reply.JSON, bytes.toByteArray());
  }
}

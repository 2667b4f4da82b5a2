// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.InstanceStatus;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** An encoder of status overrides in JSON (spec §1.2 item 17). Thread-safe. */
public final class OverridesCodec {
  private final JsonFactory factory = JsonCodec.newFactory();

  /** Writes an object of statuses by instance id in UTF-8, in the order of the map. */
  public byte[] encode(Map<String, InstanceStatus> overrides) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = factory.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      overrides.forEach((id, status) -> json.writeStringProperty(id, status.name()));
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }
}

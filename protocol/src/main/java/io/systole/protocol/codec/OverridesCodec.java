// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.InstanceStatus;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The statuses that operators insist on, in JSON (spec §1.2 item 17). Any thread may call. */
public final class OverridesCodec {
  private final JsonFactory factory = JsonCodec.newFactory();

  /** Writes one object of status by instance id, in the order of the map, in UTF-8. */
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

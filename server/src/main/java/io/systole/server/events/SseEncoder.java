// SPDX-License-Identifier: Apache-2.0
package io.systole.server.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Change;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Events as bytes (WHATWG HTML, server-sent events). Those of the latest changes are remembered,
 * for all streams tell the same. Any thread may call.
 *
 * <pre>
 *   event: reset      data: {"instances":2}      forget what you know; so many instances follow
 *   event: instance   data: {"instance":{…}}     as it is now; actionType DELETED: it has gone
 *   event: synced     data: {"version":7,"apps__hashcode":"UP_2_"}      you know all up to here
 * </pre>
 *
 * Only {@code synced} and the changes after it carry an id, the version: whoever is cut off before
 * begins anew.
 */
final class SseEncoder {
  /** A power of two; at a kilobyte an event, a megabyte, and never more than eight. */
  static final int REMEMBERED_MAX = 1024;

  /** Larger events are encoded for each stream. */
  static final int REMEMBERED_BYTES_MAX = 8 * 1024;

  static final byte[] HEARTBEAT = ":\n\n".getBytes(UTF_8);

  @SuppressWarnings("ArrayRecordComponent") // Found by version, never compared.
  private record Remembered(long version, byte[] text) {}

  private final Codec codec = new JsonCodec();
  private final AtomicReferenceArray<Remembered> remembered =
      new AtomicReferenceArray<>(REMEMBERED_MAX);

  byte[] reset(int instances) {
    return ("event: reset\ndata: {\"instances\":" + instances + "}\n\n").getBytes(UTF_8);
  }

  byte[] synced(long version, String appsHashCode) {
    String text = "id: %d\nevent: synced\ndata: {\"version\":%d,\"apps__hashcode\":\"%s\"}\n\n"
        .formatted(version, version, appsHashCode);
    return text.getBytes(UTF_8);
  }

  /** An instance of a snapshot. */
  byte[] instance(InstanceInfo instance) {
    return event("event: instance\ndata: ", instance);
  }

  byte[] change(Change change) {
    int place = (int) change.version() & (REMEMBERED_MAX - 1);
    Remembered found = remembered.get(place);
    if (found != null && found.version() == change.version()) {
      return found.text();
    }
    byte[] text = change(change.version(), change.document());
    if (text.length <= REMEMBERED_BYTES_MAX) {
      remembered.set(place, new Remembered(change.version(), text));
    }
    return text;
  }

  /** A change that shows the instance otherwise than the log does. */
  byte[] change(long version, InstanceInfo instance) {
    return event("id: " + version + "\nevent: instance\ndata: ", instance);
  }

  /** The codec writes no line breaks, so a document is one line of data. */
  private byte[] event(String lead, InstanceInfo instance) {
    byte[] head = lead.getBytes(UTF_8);
    byte[] document = codec.encodeInstance(instance, Form.FULL);
    byte[] event = new byte[head.length + document.length + 2];
    System.arraycopy(head, 0, event, 0, head.length);
    System.arraycopy(document, 0, event, head.length, document.length);
    event[event.length - 2] = '\n';
    event[event.length - 1] = '\n';
    return event;
  }
}

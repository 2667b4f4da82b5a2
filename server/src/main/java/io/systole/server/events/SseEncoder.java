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
 * An encoder of server-sent events (WHATWG HTML). Caches the events of the latest changes, which
 * are the same in all streams. Thread-safe.
 *
 * <pre>
 *   event: reset      data: {"instances":2}      discard all instances; that many follow
 *   event: instance   data: {"instance":{…}}     current state; actionType DELETED if removed
 *   event: synced     data: {"version":7,"apps__hashcode":"UP_2_"}      complete up to this version
 * </pre>
 *
 * <p>Only {@code synced} and later events have an id, the version: a reader that is disconnected
 * earlier starts over.
 */
final class SseEncoder {
  /**
   * A power of two. At a kilobyte per event the cache takes a megabyte, and never more than eight.
   */
  static final int CACHED_MAX = 1024;

  /** Larger events are encoded for each stream. */
  static final int CACHED_BYTES_MAX = 8 * 1024;

  static final byte[] HEARTBEAT = ":\n\n".getBytes(UTF_8);

  @SuppressWarnings("ArrayRecordComponent") // Found by version, never compared.
  private record CachedEvent(long version, byte[] text) {}

  private final Codec codec = new JsonCodec();
  private final AtomicReferenceArray<CachedEvent> cached = new AtomicReferenceArray<>(CACHED_MAX);

  byte[] reset(int instances) {
    return ("event: reset\ndata: {\"instances\":" + instances + "}\n\n").getBytes(UTF_8);
  }

  byte[] synced(long version, String appsHashCode) {
    String text = "id: %d\nevent: synced\ndata: {\"version\":%d,\"apps__hashcode\":\"%s\"}\n\n"
        .formatted(version, version, appsHashCode);
    return text.getBytes(UTF_8);
  }

  /** Returns the event of an instance in a snapshot. */
  byte[] instance(InstanceInfo instance) {
    return event("event: instance\ndata: ", instance);
  }

  byte[] change(Change change) {
    int place = (int) change.version() & (CACHED_MAX - 1);
    CachedEvent found = cached.get(place);
    if (found != null && found.version() == change.version()) {
      return found.text();
    }
    byte[] text = change(change.version(), change.document());
    if (text.length <= CACHED_BYTES_MAX) {
      cached.set(place, new CachedEvent(change.version(), text));
    }
    return text;
  }

  /** Returns the event of a change with an instance that differs from the one in the log. */
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

// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The changes of an instance with a single writer; the next read must show each of them. */
final class InstanceChanges {
  static final InstanceKey KEY = new InstanceKey("MINE", "mine");

  private static final String PATH = KEY.app() + '/' + KEY.id();

  private final TickBarrier barrier;
  private final RandomRequests requests;
  private final List<RegistryFollower> readers;
  private long seen;

  InstanceChanges(TickBarrier barrier, RandomRequests requests, List<RegistryFollower> readers) {
    this.barrier = barrier;
    this.requests = requests;
    this.readers = readers;
  }

  /** Registers, changes and cancels the instance; returns false after the barrier has ended. */
  boolean live() throws IOException, InterruptedException {
    String value = Long.toString(seen);
    return shows(
            () -> requests.register(KEY.app(), KEY.id(), InstanceStatus.UP),
            InstanceStatus.UP,
            null)
        && shows(
            () -> requests.request("PUT", PATH + "/status?value=OUT_OF_SERVICE"),
            InstanceStatus.OUT_OF_SERVICE,
            null)
        && shows(
            () -> requests.request("PUT", PATH + "/metadata?own=" + value),
            InstanceStatus.OUT_OF_SERVICE,
            value)
        && shows(
            () -> requests.request("DELETE", PATH + "/status?value=DOWN"),
            InstanceStatus.DOWN,
            value)
        && shows(() -> requests.request("DELETE", PATH), null, null);
  }

  /** Returns the number of changes made, each seen by all readers. */
  long seen() {
    return seen;
  }

  private boolean shows(
      TickBarrier.Act change, @Nullable InstanceStatus status, @Nullable String value)
      throws IOException, InterruptedException {
    boolean isMade = barrier.change(() -> {
      try {
        for (RegistryFollower reader : readers) {
          reader.fetchSince(0);
        }
        change.run();
        for (RegistryFollower reader : readers) {
          reader.fetchDeltas(1, false, 0);
          InstanceInfo found = reader.copy().instances().get(KEY);
          assertThat(found == null ? null : found.status()).as("%s", reader).isEqualTo(status);
          assertThat(found == null ? null : found.metadata().get("own")).isEqualTo(value);
        }
      } catch (MalformedDocumentException malformed) {
        throw new IOException(malformed);
      }
    });
    if (isMade) {
      seen++;
    }
    return isMade;
  }
}

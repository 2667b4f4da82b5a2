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

/** An instance that nobody else changes: every change shows in whatever is read next. */
final class OwnChanges {
  static final InstanceKey KEY = new InstanceKey("MINE", "mine");

  private static final String PATH = KEY.app() + '/' + KEY.id();

  private final Pace pace;
  private final RandomRequests requests;
  private final List<CopyReader> readers;
  private long seen;

  OwnChanges(Pace pace, RandomRequests requests, List<CopyReader> readers) {
    this.pace = pace;
    this.requests = requests;
    this.readers = readers;
  }

  /** Registers it, changes it in every way and cancels it; false when there is no more time. */
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

  /** How many changes were made, each of which was seen by all. */
  long seen() {
    return seen;
  }

  private boolean shows(Pace.Act change, @Nullable InstanceStatus status, @Nullable String value)
      throws IOException, InterruptedException {
    boolean isMade = pace.change(() -> {
      try {
        for (CopyReader reader : readers) {
          reader.fetchSince(0);
        }
        change.run();
        for (CopyReader reader : readers) {
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

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import java.io.IOException;
import java.io.Serial;

/** A connection between two members that one of them does not admit. The message is the reason. */
final class RefusedException extends IOException {
  @Serial
  private static final long serialVersionUID = 1;

  RefusedException(String reason) {
    super(reason);
  }
}

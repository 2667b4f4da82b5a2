// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

/** Thrown for a message whose bytes are not as the package description specifies. */
public final class MalformedMessageException extends Exception {
  private static final long serialVersionUID = 1;

  MalformedMessageException(String message) {
    super(message, null, false, false);
  }
}

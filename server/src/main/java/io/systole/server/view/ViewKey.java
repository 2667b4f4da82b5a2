// SPDX-License-Identifier: Apache-2.0
package io.systole.server.view;

import io.systole.protocol.codec.Form;

/** Names an answer that is made ahead. */
public record ViewKey(Extent extent, Language language, Form form) {
  /** How much of the registry is shown. */
  public enum Extent {
    /** Everything. */
    FULL,
    /** What changed of late. */
    DELTA
  }
}

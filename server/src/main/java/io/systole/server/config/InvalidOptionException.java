// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import java.util.List;

/** One or more invalid options; each error contains name, value and range. */
public final class InvalidOptionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient List<String> errors;

  InvalidOptionException(String error) {
    this(List.of(error));
  }

  /** @param errors at least one */
  InvalidOptionException(List<String> errors) {
    super(String.join("\n", errors));
    this.errors = List.copyOf(errors);
  }

  /** Returns the errors, one line each. */
  public List<String> errors() {
    return errors;
  }
}

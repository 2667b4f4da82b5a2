// SPDX-License-Identifier: Apache-2.0
package io.systole.server.view;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.Root;

/** The ways in which a block of instances is written. */
enum Style {
  JSON_FULL(Language.JSON, Form.FULL, Root.APPLICATIONS),
  JSON_COMPACT(Language.JSON, Form.COMPACT, Root.APPLICATIONS),
  XML_FULL(Language.XML, Form.FULL, Root.APPLICATIONS),
  XML_COMPACT(Language.XML, Form.COMPACT, Root.APPLICATIONS),

  /** An application by itself: only here does it show how deep instances stand, by their indent. */
  XML_FULL_ALONE(Language.XML, Form.FULL, Root.APPLICATION);

  static final int COUNT = values().length;

  private final Language language;
  private final Form form;
  private final Root root;

  Style(Language language, Form form, Root root) {
    this.language = language;
    this.form = form;
    this.root = root;
  }

  static Style of(Language language, Form form, Root root) {
    return switch (language) {
      case JSON -> form == Form.FULL ? JSON_FULL : JSON_COMPACT;
      case XML -> {
        if (form == Form.COMPACT) {
          yield XML_COMPACT;
        }
        yield root == Root.APPLICATIONS ? XML_FULL : XML_FULL_ALONE;
      }
    };
  }

  Language language() {
    return language;
  }

  Form form() {
    return form;
  }

  /** What the instances are written for; in some styles they look the same in the other. */
  Root root() {
    return root;
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.codec.Codec.RootElement;
import io.systole.protocol.codec.Form;

/** The encodings of a block of instances. */
enum BlockEncoding {
  JSON_FULL(DocumentFormat.JSON, Form.FULL, RootElement.APPLICATIONS),
  JSON_COMPACT(DocumentFormat.JSON, Form.COMPACT, RootElement.APPLICATIONS),
  XML_FULL(DocumentFormat.XML, Form.FULL, RootElement.APPLICATIONS),
  XML_COMPACT(DocumentFormat.XML, Form.COMPACT, RootElement.APPLICATIONS),

  /** A single application: XML indents its instances less than within a registry. */
  XML_FULL_ALONE(DocumentFormat.XML, Form.FULL, RootElement.APPLICATION);

  static final int COUNT = values().length;

  private final DocumentFormat format;
  private final Form form;
  private final RootElement root;

  BlockEncoding(DocumentFormat format, Form form, RootElement root) {
    this.format = format;
    this.form = form;
    this.root = root;
  }

  static BlockEncoding of(DocumentFormat format, Form form, RootElement root) {
    return switch (format) {
      case JSON -> form == Form.FULL ? JSON_FULL : JSON_COMPACT;
      case XML -> {
        if (form == Form.COMPACT) {
          yield XML_COMPACT;
        }
        yield root == RootElement.APPLICATIONS ? XML_FULL : XML_FULL_ALONE;
      }
    };
  }

  DocumentFormat format() {
    return format;
  }

  Form form() {
    return form;
  }

  /** Returns the root element; encodings that don't depend on it return {@code APPLICATIONS}. */
  RootElement root() {
    return root;
  }
}

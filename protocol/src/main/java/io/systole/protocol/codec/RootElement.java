// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

/** The root element of a document, which determines the nesting of its instances. */
public enum RootElement {
  /** A registry or a part of it, with instances nested in applications. */
  APPLICATIONS,
  /** One application. */
  APPLICATION
}

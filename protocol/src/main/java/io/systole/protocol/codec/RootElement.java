// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

/** What a document is of, which decides how deep its instances stand in it. */
public enum RootElement {
  /** A registry or a part of it: instances within applications within their list. */
  APPLICATIONS,
  /** One application. */
  APPLICATION
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

/** The two languages of a document. */
public enum DocumentFormat {
  JSON("application/json"),
  XML("application/xml");

  private final String mediaType;

  DocumentFormat(String mediaType) {
    this.mediaType = mediaType;
  }

  public String mediaType() {
    return mediaType;
  }
}

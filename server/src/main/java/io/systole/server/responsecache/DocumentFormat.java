// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

/** The formats of documents. */
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

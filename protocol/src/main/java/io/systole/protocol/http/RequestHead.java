// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A request head as spans over the buffer it was parsed from. Each parser reuses one instance,
 * which is valid from a complete parse until the next call of the parser, and only while the bytes
 * stay in place.
 */
public final class RequestHead {
  static final int NONE = -1;
  static final byte[] NO_BYTES = {};

  /* Written by the parser; positions are relative to the start of the head. */
  final HeaderFields lines;
  HttpMethod method = HttpMethod.GET;
  int authorityStart = NONE;
  int authorityEnd = NONE;
  int pathStart;
  int pathEnd;
  int queryStart = NONE;
  int queryEnd = NONE;
  /** Position of the space before the version, which is the base of {@link #lines}. */
  int block;

  boolean isHttp11;
  long contentLength;
  boolean isChunked;
  boolean keepAlive;
  boolean hasExpect;
  boolean hasHost;
  boolean isRepeated;

  private byte[] bytes = NO_BYTES;
  private int start;

  RequestHead(int headersMax) {
    lines = new HeaderFields(headersMax);
  }

  /** Sets the position of the complete head. */
  void place(byte[] bytes, int start) {
    this.bytes = bytes;
    this.start = start;
  }

  /** Returns the array of the last complete parse, not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  public HttpMethod method() {
    return method;
  }

  /**
   * Returns the start index of the authority in {@link #bytes()}, or -1 if the target is not in
   * absolute form. The authority replaces the Host field, RFC 9112 §3.2.2, and its host is not
   * empty.
   */
  public int authorityStart() {
    return authorityStart == NONE ? NONE : start + authorityStart;
  }

  /** Returns the end index of the authority in {@link #bytes()}; undefined without one. */
  public int authorityEnd() {
    return start + authorityEnd;
  }

  /**
   * Returns the start index of the path in {@link #bytes()}. The path begins with '/', even if the
   * target is in absolute form, and excludes the query; it is "*" for a server-wide OPTIONS.
   */
  public int pathStart() {
    return start + pathStart;
  }

  /** Returns the end index of the path in {@link #bytes()}. */
  public int pathEnd() {
    return start + pathEnd;
  }

  /** Returns the start index of the query in {@link #bytes()}, after the '?'; -1 without a '?'. */
  public int queryStart() {
    return queryStart == NONE ? NONE : start + queryStart;
  }

  /** Returns the end index of the query in {@link #bytes()}; -1 without a '?'. */
  public int queryEnd() {
    return queryEnd == NONE ? NONE : start + queryEnd;
  }

  /** Returns true for HTTP/1.1, false for HTTP/1.0. */
  public boolean isHttp11() {
    return isHttp11;
  }

  /** Returns whether the connection persists after this request. */
  public boolean keepAlive() {
    return keepAlive;
  }

  /** Returns the Content-Length in bytes, 0..10^18-1; 0 if absent. */
  public long contentLength() {
    return contentLength;
  }

  public boolean isChunked() {
    return isChunked;
  }

  /**
   * Returns whether the client waits for 100 (Continue) before it sends the body. False for
   * HTTP/1.0 and without a body, RFC 9110 §10.1.1.
   */
  public boolean expectsContinue() {
    return hasExpect && isHttp11 && hasBody();
  }

  /** Returns whether at least one byte of body or of its framing follows the head. */
  public boolean hasBody() {
    return isChunked || contentLength > 0;
  }

  /**
   * Returns whether the version and all header fields are byte for byte those of the previous head
   * of this parser, so values derived from them are still valid. May return false for equal fields.
   * Never true if either target is in absolute form, because its authority replaces the Host field.
   */
  public boolean headersRepeated() {
    return isRepeated;
  }

  public int headerCount() {
    return lines.count();
  }

  /** Returns the name of a header field as received, decoded as ISO-8859-1. */
  public String headerName(int index) {
    int base = start + block;
    return latin1(base + lines.nameStart(index), base + lines.nameEnd(index));
  }

  /** Returns the trimmed value of a header field, decoded as ISO-8859-1. */
  public String headerValue(int index) {
    int base = start + block;
    return latin1(base + lines.valueStart(index), base + lines.valueEnd(index));
  }

  /**
   * Returns the index of the first header field with this name, or -1. Does not allocate.
   *
   * @param lowerCaseName ASCII
   */
  public int findHeader(String lowerCaseName) {
    return findHeader(lowerCaseName, 0);
  }

  /**
   * Returns the index of the next header field with this name from {@code index} on, or -1.
   *
   * @param lowerCaseName ASCII
   */
  public int findHeader(String lowerCaseName, int index) {
    return lines.find(bytes, start + block, lowerCaseName, index);
  }

  /**
   * Returns the start index of a header field's value in {@link #bytes()}, after leading
   * whitespace.
   */
  public int headerValueStart(int index) {
    return start + block + lines.valueStart(index);
  }

  /**
   * Returns the end index of a header field's value in {@link #bytes()}, before trailing
   * whitespace.
   */
  public int headerValueEnd(int index) {
    return start + block + lines.valueEnd(index);
  }

  private String latin1(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /**
   * Returns the trimmed value of the first header field with this name, decoded as ISO-8859-1, or
   * null.
   *
   * @param name in any case, ASCII
   */
  public @Nullable String header(String name) {
    return lines.value(bytes, start + block, name);
  }

  /**
   * Returns whether the value of the first header field with this name equals {@code value},
   * including case. Does not allocate.
   *
   * @param lowerCaseName ASCII
   */
  public boolean headerIs(String lowerCaseName, String value) {
    int base = start + block;
    int line = lines.find(bytes, base, lowerCaseName);
    return line >= 0
        && Ascii.equalsExactly(
            bytes, base + lines.valueStart(line), base + lines.valueEnd(line), value);
  }
}

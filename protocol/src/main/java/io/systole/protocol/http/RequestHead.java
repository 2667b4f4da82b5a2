// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One request head as spans over the bytes it came in. There is one record per parser, reused: it
 * holds from a complete parse until the parser is offered the next bytes, and only while those
 * bytes stay where they are.
 */
public final class RequestHead {
  static final int NONE = -1;
  private static final byte[] NO_BYTES = {};

  /* Written by the parser alone; positions are relative to the head's start. */
  final HeaderFields lines;
  final MessageFraming framing = new MessageFraming();
  HttpMethod method = HttpMethod.GET;
  int authorityStart = NONE;
  int authorityEnd = NONE;
  int pathStart;
  int pathEnd;
  int queryStart = NONE;
  int queryEnd = NONE;
  /** The blank before the version: what the field lines' spans are relative to. */
  int block;

  boolean isHttp11;
  boolean expectSeen;
  boolean hostSeen;
  boolean repeated;

  private byte[] bytes = NO_BYTES;
  private int start;

  RequestHead(int headersMax) {
    lines = new HeaderFields(headersMax);
  }

  /** Says where the head stands now that it is complete. */
  void place(byte[] bytes, int start) {
    this.bytes = bytes;
    this.start = start;
  }

  /** The array of the last complete parse; the caller's own, not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  public HttpMethod method() {
    return method;
  }

  /**
   * Where the authority of a target in absolute form begins in {@link #bytes()}; -1 when the target
   * has none. It stands in for the Host field, RFC 9112 §3.2.2, and its host is not empty.
   */
  public int authorityStart() {
    return authorityStart == NONE ? NONE : start + authorityStart;
  }

  /** Where the authority ends in {@link #bytes()}, exclusive; of no meaning without one. */
  public int authorityEnd() {
    return start + authorityEnd;
  }

  /**
   * Where the path begins in {@link #bytes()}. The path has no query and begins with '/', also when
   * the target was in absolute form; it is "*" for a server-wide OPTIONS.
   */
  public int pathStart() {
    return start + pathStart;
  }

  /** Where the path ends in {@link #bytes()}, exclusive. */
  public int pathEnd() {
    return start + pathEnd;
  }

  /** Where the query begins in {@link #bytes()}, behind the '?'; -1 without a '?'. */
  public int queryStart() {
    return queryStart == NONE ? NONE : start + queryStart;
  }

  /** Where the query ends in {@link #bytes()}, exclusive; -1 without a '?'. */
  public int queryEnd() {
    return queryEnd == NONE ? NONE : start + queryEnd;
  }

  /** Whether the version is 1.1; else it is 1.0. */
  public boolean isHttp11() {
    return isHttp11;
  }

  /** Whether the client means to send more on this connection. */
  public boolean keepAlive() {
    return framing.keepAlive(isHttp11);
  }

  /** Bytes of the body, 0..10^18-1; 0 when no length was said. */
  public long contentLength() {
    return Math.max(framing.contentLength(), 0);
  }

  public boolean isChunked() {
    return framing.isChunked();
  }

  /**
   * Whether the client waits for 100 (Continue) before it sends its body. Never with 1.0 or without
   * a body, RFC 9110 §10.1.1.
   */
  public boolean expectsContinue() {
    return expectSeen && isHttp11 && hasBody();
  }

  /** Whether at least one byte of body or of its framing follows the head. */
  public boolean hasBody() {
    return isChunked() || framing.contentLength() > 0;
  }

  /**
   * Whether everything behind the target is byte for byte that of the previous head of this parser,
   * so that what a caller derived from those header fields still holds. False promises nothing.
   * Neither head has a target in absolute form, whose authority stands in for a field.
   */
  public boolean headersRepeated() {
    return repeated;
  }

  public int headerCount() {
    return lines.count();
  }

  /** The name of a header field as it came, read as ISO-8859-1. */
  public String headerName(int index) {
    int base = start + block;
    return latin1(base + lines.nameStart(index), base + lines.nameEnd(index));
  }

  /** The value of a header field, without blanks at its ends, read as ISO-8859-1. */
  public String headerValue(int index) {
    int base = start + block;
    return latin1(base + lines.valueStart(index), base + lines.valueEnd(index));
  }

  /**
   * The index of the first header field of a name, or -1; allocates nothing.
   *
   * @param lowerCaseName ASCII
   */
  public int findHeader(String lowerCaseName) {
    return findHeader(lowerCaseName, 0);
  }

  /**
   * The same among the header fields from {@code index} on.
   *
   * @param lowerCaseName ASCII
   */
  public int findHeader(String lowerCaseName, int index) {
    return lines.find(bytes, start + block, lowerCaseName, index);
  }

  /** Where the value of a header field begins in {@link #bytes()}, behind its blanks. */
  public int headerValueStart(int index) {
    return start + block + lines.valueStart(index);
  }

  /** Where the value of a header field ends in {@link #bytes()}, exclusive, before its blanks. */
  public int headerValueEnd(int index) {
    return start + block + lines.valueEnd(index);
  }

  private String latin1(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /**
   * The first value of a header field, without blanks at its ends, read as ISO-8859-1; null when
   * there is none.
   *
   * @param name in any case, ASCII
   */
  public @Nullable String header(String name) {
    return lines.value(bytes, start + block, name);
  }

  /**
   * Whether the first value of a header field is exactly {@code value}, case and all; allocates
   * nothing.
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

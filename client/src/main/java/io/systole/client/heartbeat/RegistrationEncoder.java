// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

/** An encoder of registration and cancel requests (spec §1.2 rows 4 and 7). */
public final class RegistrationEncoder {

  private final byte[] registerStart;
  private final byte[] registerHeaders;
  private final byte[] cancelStart;
  private final byte[] cancelEnd;

  /**
   * Creates an encoder for one server.
   *
   * @param basePath path before {@code /apps}, without a trailing slash
   * @param headers complete header lines that every request carries
   */
  public RegistrationEncoder(String basePath, String headers) {
    registerStart = RequestTarget.ascii("POST " + basePath + "/apps/");
    registerHeaders = RequestTarget.ascii(
        " HTTP/1.1\r\n" + headers + "Content-Type: application/json\r\nContent-Length: ");
    cancelStart = RequestTarget.ascii("DELETE " + basePath + "/apps/");
    cancelEnd = RequestTarget.ascii(" HTTP/1.1\r\n" + headers + "\r\n");
  }

  /** Appends the registration of a session with its document. */
  public void writeRegister(Session session, byte[] document, FrameBuffer out) {
    byte[] length = RequestTarget.ascii(document.length + "\r\n\r\n");
    out.reserve(registerStart.length
        + session.appBytes
        + registerHeaders.length
        + length.length
        + document.length);
    out.append(registerStart);
    out.append(session.target, 0, session.appBytes);
    out.append(registerHeaders);
    out.append(length);
    out.append(document);
  }

  /** Appends the cancel of a session. */
  public void writeCancel(Session session, FrameBuffer out) {
    out.reserve(cancelStart.length + session.pathBytes + cancelEnd.length);
    out.append(cancelStart);
    out.append(session.target, 0, session.pathBytes);
    out.append(cancelEnd);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.protocol.renewal.RenewalFrame;

/**
 * An encoder of heartbeat requests (spec §2.1, §10). A session holds only the bytes specific to it,
 * its {@link RequestTarget}; shared bytes are held here once.
 */
public final class HeartbeatEncoder {
  /*
   *   PUT /v2/apps/ DEMO/h1:demo:8080 ?status=UP&lastDirtyTimestamp= 1795206403391  HTTP/1.1..Host: ..
   *   |   shared   |      path       |      one per status          |  timestamp  |    shared
   *
   * Content-Length: 0 is sent because PUT defines a meaning for content (RFC 9110 §8.6).
   */

  /** The header line that requests the handle of a lease. */
  public static final String HANDLE_REQUEST = "Systole-Lease: ?\r\n";

  private final byte[] start;
  private final byte[] end;
  private final byte[] requestingEnd;
  private final byte[] frameStart;

  /**
   * Creates an encoder for one server.
   *
   * @param basePath path before {@code /apps}, without a trailing slash
   * @param headers complete header lines that every request carries
   */
  public HeartbeatEncoder(String basePath, String headers) {
    start = RequestTarget.ascii("PUT " + basePath + "/apps/");
    end = RequestTarget.ascii(" HTTP/1.1\r\n" + headers + "Content-Length: 0\r\n\r\n");
    requestingEnd = RequestTarget.ascii(
        " HTTP/1.1\r\n" + headers + HANDLE_REQUEST + "Content-Length: 0\r\n\r\n");
    frameStart = RequestTarget.ascii("POST " + basePath + RenewalFrame.PATH + " HTTP/1.1\r\n"
        + headers + "Content-Type: application/octet-stream\r\nContent-Length: ");
  }

  /** Appends the heartbeat of a session. */
  public void write(Session session, FrameBuffer out) {
    out.reserve(length(session));
    append(session, end, out);
  }

  /** Appends the heartbeat of a session, which requests the handle of its lease. */
  public void writeRequesting(Session session, FrameBuffer out) {
    out.reserve(length(session) - end.length + requestingEnd.length);
    append(session, requestingEnd, out);
  }

  /** Appends a frame. */
  public void write(HeartbeatFrame frame, FrameBuffer out) {
    byte[] body = frame.encode();
    byte[] length = RequestTarget.ascii(body.length + "\r\n\r\n");
    out.reserve(frameStart.length + length.length + body.length);
    out.append(frameStart);
    out.append(length);
    out.append(body);
  }

  /**
   * Appends the heartbeats of the first {@code count} sessions of an array. The pass that sums up
   * their lengths loads all sessions from memory in parallel; a pass that also copied would wait
   * for each in turn.
   */
  public void write(Session[] sessions, int count, FrameBuffer out) {
    int size = 0;
    for (int index = 0; index < count; index++) {
      size += length(sessions[index]);
    }
    out.reserve(size);
    for (int index = 0; index < count; index++) {
      append(sessions[index], end, out);
    }
  }

  private int length(Session session) {
    return start.length + session.target.length + session.query.length + end.length;
  }

  private void append(Session session, byte[] fields, FrameBuffer out) {
    byte[] target = session.target;
    int pathBytes = session.pathBytes;
    byte[] query = session.query;
    out.append(start);
    out.append(target, 0, pathBytes);
    out.append(query);
    out.append(target, pathBytes, target.length - pathBytes);
    out.append(fields);
  }
}

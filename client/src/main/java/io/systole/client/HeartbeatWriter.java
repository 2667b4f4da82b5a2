// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.api.HeartbeatListener;
import io.systole.client.heartbeat.FrameBuffer;
import io.systole.client.heartbeat.HeartbeatEncoder;
import io.systole.client.heartbeat.HeartbeatFrame;
import io.systole.client.heartbeat.RequestType;
import io.systole.client.heartbeat.Session;
import io.systole.client.net.Connection;
import io.systole.client.net.ServerAddress;

/**
 * A writer of the requests of one event loop, of which those to one connection are sent at once.
 */
final class HeartbeatWriter {
  private final HeartbeatListener observer;
  private final FrameBuffer buffer = new FrameBuffer();
  private HeartbeatEncoder encoder;

  HeartbeatWriter(ServerAddress server, HeartbeatListener observer) {
    this.observer = observer;
    this.encoder = encoderFor(server);
  }

  private static HeartbeatEncoder encoderFor(ServerAddress server) {
    return new HeartbeatEncoder(server.basePath(), server.headers());
  }

  /** Encodes requests for this server from now on. */
  void use(ServerAddress server) {
    encoder = encoderFor(server);
  }

  /** Begins the requests to a connection. */
  void begin() {
    buffer.clear();
  }

  /** Returns the buffer of the requests. */
  FrameBuffer buffer() {
    return buffer;
  }

  /** Sends the requests written since the begin. */
  void end(Connection connection) {
    if (buffer.length() > 0) {
      connection.write(buffer);
      observer.bytesTransferred(buffer.length(), 0);
    }
  }

  /** Writes a heartbeat, which requests the handle of its lease if frames can use it. */
  void write(Connection connection, Session session, long dueNs, long nowNs) {
    if (connection.requestsHandle(nowNs) && !connection.accepts(session.handle())) {
      encoder.writeRequesting(session, buffer);
    } else {
      encoder.write(session, buffer);
    }
    connection.requested(session, RequestType.BEAT, dueNs, nowNs);
  }

  /** Writes a frame. */
  void write(Connection connection, HeartbeatFrame frame, long nowNs) {
    encoder.write(frame, buffer);
    connection.requested(frame, nowNs);
  }

  /** Writes the heartbeats of sessions whether due or not. */
  void writeAny(Connection connection, Session[] sessions, int count, long nowNs) {
    countDue(count, nowNs);
    if (connection.requestsHandle(nowNs)) {
      for (int index = 0; index < count; index++) {
        write(connection, sessions[index], nowNs, nowNs);
      }
      return;
    }
    encoder.write(sessions, count, buffer);
    for (int index = 0; index < count; index++) {
      connection.requested(sessions[index], RequestType.BEAT, nowNs, nowNs);
    }
  }

  /** Writes a frame of heartbeats whether due or not. */
  void writeAny(Connection connection, HeartbeatFrame frame, long nowNs) {
    countDue(frame.count(), nowNs);
    write(connection, frame, nowNs);
  }

  private void countDue(int count, long nowNs) {
    for (int index = 0; index < count; index++) {
      observer.due(nowNs);
    }
  }
}

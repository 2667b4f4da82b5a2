// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.channel.ChannelFuture;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A place for one connection to one server. On one event loop. */
public final class ConnectionSlot {
  /*
   *   KNOCKING --opened, taken into use--> SERVING --drain--> DRAINING --nothing in flight--> CLOSED
   *       +-- failed --> CLOSED               +-- close, server given up --> CLOSED
   *
   * Only a serving line is opened again when its connection was lost.
   */
  enum SlotState {
    /** Finds out whether a server is there. */
    KNOCKING,
    /** Carries requests. */
    SERVING,
    /** Waits for its last answers. */
    DRAINING,
    CLOSED
  }

  private final ConnectionContext parts;
  private final ServerAddress server;
  private final FailoverConnector connector;
  private final Backoff backoff;
  private final PipelineDepth depth;

  /** Of the open connection, those with which the depth has risen. */
  private int responsesCounted;

  private SlotState duty;

  /** The connection that is open or being opened. */
  private @Nullable Connection connection;

  /** The next attempt to connect, while there is no connection. */
  private @Nullable Future<?> attempt;

  /** Makes a line that is not opened yet. */
  ConnectionSlot(
      ConnectionContext parts, ServerHealth server, FailoverConnector connector, SlotState duty) {
    this.parts = parts;
    this.server = server.address();
    this.connector = connector;
    this.duty = duty;
    ConnectionSettings settings = parts.settings();
    this.depth = server.depth();
    this.backoff =
        new Backoff(settings.reconnectMinMs(), settings.reconnectMaxMs(), parts.random());
  }

  /** Returns the connection, which may still have no room for it is being opened, or null. */
  public @Nullable Connection connection() {
    return connection;
  }

  /** Returns how many requests may be in flight, beside the connection's own bound. */
  int depth() {
    return depth.depth();
  }

  SlotState duty() {
    return duty;
  }

  boolean isTls() {
    return server.isTls();
  }

  /** Says whether requests may be sent here. */
  boolean mayAsk() {
    return duty == SlotState.SERVING && !connector.isHeld();
  }

  /** Begins to connect, unless it is open or the server has been given up since. */
  void openFirst() {
    if (duty == SlotState.SERVING && connection == null) {
      open();
    }
  }

  /** Begins to connect. */
  void open() {
    Connection next = new Connection(this, parts);
    connection = next;
    parts.connector().lookUp(server, addresses -> connect(next, addresses, 0), next::close);
  }

  /** Tries one address, and then those behind it, unless the connection was closed meanwhile. */
  private void connect(Connection next, List<InetAddress> addresses, int index) {
    if (connection != next) {
      return;
    }
    InetAddress address = addresses.get(index);
    int untried = addresses.size() - index;
    parts
        .connector()
        .connect(server, address, untried, next)
        .addListener((ChannelFuture opened) -> {
          if (opened.isSuccess()) {
            parts.connector().connected(server, address);
          } else {
            parts.connector().failed(server, address);
            connectFailed(next, addresses, index, String.valueOf(opened.cause().getMessage()));
          }
        });
  }

  private void connectFailed(
      Connection failed, List<InetAddress> addresses, int index, String cause) {
    boolean isLast = index + 1 == addresses.size();
    if (isLast || connection != failed) {
      failed.close(cause);
      return;
    }
    // A handler belongs to one pipeline.
    Connection next = new Connection(this, parts);
    connection = next;
    connect(next, addresses, index + 1);
  }

  /** What knocked becomes the first line in use. */
  void serve() {
    duty = SlotState.SERVING;
  }

  /** Sends no more; closes when the last answer has come. */
  void drain() {
    duty = SlotState.DRAINING;
    if (attempt != null) {
      attempt.cancel(false);
    }
    if (connection == null) {
      connector.drained(this);
    } else {
      connection.endIfDrained();
    }
  }

  /** Closes for good; requests in flight fail as lost. */
  void close(String cause) {
    duty = SlotState.CLOSED;
    if (attempt != null) {
      attempt.cancel(false);
    }
    if (connection != null) {
      connection.close(cause);
    }
  }

  /** Ends the connection when an answer is overdue. */
  void expire(long nowNs) {
    if (connection != null) {
      connection.expire(nowNs);
    }
  }

  void opened(Connection opened) {
    responsesCounted = 0;
    connector.opened(this, opened);
  }

  /** Something came: the server is there. */
  void cycleEnded(Connection answered, int bytesReceived) {
    backoff.reset();
    responsesCounted = depth.responded(responsesCounted, answered.responses());
    connector.cycleEnded(this, answered, bytesReceived);
  }

  void ended(Connection ended, Connection.End end, String cause) {
    if (connection == ended) {
      connection = null;
    }
    if (ended.hasLostPipeline()) {
      depth.pipelineClosed();
    }
    connector.ended(this, ended, end, cause);
  }

  /** Connects again at once, though not from within the end of the connection before. */
  void openAgainAtOnce() {
    parts.loop().execute(this::openFirst);
  }

  /** Connects again after a while. */
  void openAgain() {
    attempt = parts.loop().schedule(this::open, backoff.nextMs(), TimeUnit.MILLISECONDS);
  }
}

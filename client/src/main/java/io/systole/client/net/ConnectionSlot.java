// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.channel.ChannelFuture;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A slot for one connection to one server, reconnected when lost. Confined to one event loop. */
public final class ConnectionSlot implements Connection.Owner {
  /*
   *   PROBING --opened, taken into use--> SERVING --drain--> DRAINING --nothing in flight--> CLOSED
   *       +-- failed --> CLOSED               +-- close, server given up --> CLOSED
   *
   * Only a serving slot reconnects after its connection was lost.
   */
  enum SlotState {
    /** Tests whether a server accepts connections. */
    PROBING,
    /** Carries requests. */
    SERVING,
    /** Waits for its last responses. */
    DRAINING,
    CLOSED
  }

  /** The connector that slots report to. */
  public interface Owner {
    /** Returns whether the server in use currently forbids all requests. */
    boolean isPaused();

    void opened(ConnectionSlot slot, Connection connection);

    void cycleEnded(ConnectionSlot slot, Connection connection, int bytesReceived);

    /** Called after all requests of the ended connection were reported. */
    void ended(ConnectionSlot slot, Connection connection, Connection.End end, String cause);

    /** Called when a draining slot has closed without a connection. */
    void drained(ConnectionSlot slot);
  }

  private final ConnectionContext context;
  private final Connection.Listener listener;
  private final ServerAddress server;
  private final Owner connector;
  private final Backoff backoff;
  private final PipelineDepth depth;

  /** Responses of the open connection by which the depth has already risen. */
  private int responsesCounted;

  private SlotState state;

  /** The connection that is open or being opened. */
  private @Nullable Connection connection;

  /** The scheduled attempt to reconnect, while there is no connection. */
  private @Nullable Future<?> attempt;

  /** Creates a slot without a connection. */
  ConnectionSlot(
      ConnectionContext context,
      Connection.Listener listener,
      ServerHealth server,
      Owner connector,
      SlotState state) {
    this.context = context;
    this.listener = listener;
    this.server = server.address();
    this.connector = connector;
    this.state = state;
    ConnectionSettings settings = context.settings();
    this.depth = server.depth();
    this.backoff =
        new Backoff(settings.reconnectMinMs(), settings.reconnectMaxMs(), context.random());
  }

  /** Returns the connection, which may still be opening, or null. */
  public @Nullable Connection connection() {
    return connection;
  }

  /** Returns the pipeline depth; the connection's own limit applies too. */
  @Override
  public int depth() {
    return depth.depth();
  }

  SlotState state() {
    return state;
  }

  @Override
  public boolean isDraining() {
    return state == SlotState.DRAINING;
  }

  @Override
  public boolean isTls() {
    return server.isTls();
  }

  /** Returns whether requests may be sent. */
  @Override
  public boolean acceptsRequests() {
    return state == SlotState.SERVING && !connector.isPaused();
  }

  /** Begins to connect, unless there is a connection or the server was given up. */
  void openFirst() {
    if (state == SlotState.SERVING && connection == null) {
      open();
    }
  }

  /** Begins to connect. */
  void open() {
    Connection next = new Connection(this, context, listener);
    connection = next;
    context.connector().lookUp(server, addresses -> connect(next, addresses, 0), next::close);
  }

  /** Tries one address and then the following ones, unless the connection was closed meanwhile. */
  private void connect(Connection next, List<InetAddress> addresses, int index) {
    if (connection != next) {
      return;
    }
    InetAddress address = addresses.get(index);
    int untried = addresses.size() - index;
    context
        .connector()
        .connect(server, address, untried, next)
        .addListener((ChannelFuture opened) -> {
          if (opened.isSuccess()) {
            context.connector().connected(server, address);
          } else if (connection == next) {
            context.connector().failed(server, address);
            connectFailed(next, addresses, index, String.valueOf(opened.cause().getMessage()));
          }
        });
  }

  private void connectFailed(
      Connection failed, List<InetAddress> addresses, int index, String cause) {
    boolean isLast = index + 1 == addresses.size();
    if (isLast) {
      failed.close(cause);
      return;
    }
    // A handler can be added to one pipeline only.
    Connection next = new Connection(this, context, listener);
    connection = next;
    connect(next, addresses, index + 1);
  }

  /** Turns a probe into the first serving slot. */
  void serve() {
    state = SlotState.SERVING;
  }

  /** Stops sending; closes after the last response. */
  void drain() {
    state = SlotState.DRAINING;
    if (attempt != null) {
      attempt.cancel(false);
    }
    if (connection == null) {
      connector.drained(this);
    } else {
      connection.endIfDrained();
    }
  }

  /** Closes permanently; requests in flight fail as lost. */
  void close(String cause) {
    state = SlotState.CLOSED;
    if (attempt != null) {
      attempt.cancel(false);
    }
    if (connection != null) {
      connection.close(cause);
    }
  }

  /** Ends the connection if a response is overdue. */
  void expire(long nowNs) {
    if (connection != null) {
      connection.expire(nowNs);
    }
  }

  @Override
  public void opened(Connection opened) {
    responsesCounted = 0;
    connector.opened(this, opened);
  }

  /** Handles the end of a read cycle, which proves that the server is alive. */
  @Override
  public void cycleEnded(Connection answered, int bytesReceived) {
    backoff.reset();
    responsesCounted = depth.responded(responsesCounted, answered.responses());
    connector.cycleEnded(this, answered, bytesReceived);
  }

  @Override
  public void ended(Connection ended, Connection.End end, String cause) {
    if (connection == ended) {
      connection = null;
    }
    if (ended.hasLostPipeline()) {
      depth.pipelineClosed();
    }
    connector.ended(this, ended, end, cause);
  }

  /** Reconnects at once, but not within the callback of the previous connection's end. */
  void reopenNow() {
    context.loop().execute(this::openFirst);
  }

  /** Reconnects after a delay. */
  void reopenLater() {
    attempt = context.loop().schedule(this::open, backoff.nextMs(), TimeUnit.MILLISECONDS);
  }
}

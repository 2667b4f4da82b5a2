// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.systole.protocol.codec.MalformedDocumentException;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests the members of a native cluster from the server in use, periodically. Confined to one
 * event loop.
 */
final class MemberDiscovery {
  /*
   *   IDLE --use--> WAITING --due--> REQUESTED --list, or no response--> WAITING, an interval
   *                    ^                 +------------ no list ---------> WAITING, a long time
   *                    +--- use: another server; a short random delay, or what is left of its own
   *
   * Servers without a native cluster, stock servers for example, respond with 404. So each receives
   * one request in a long time, however often the client fails over to it.
   */
  private static final Logger log = LoggerFactory.getLogger(MemberDiscovery.class);

  private static final int OK = 200;

  private final ConnectionContext context;
  private final MemberSchedule schedule;
  private final Collection<URI> configured;
  private final Consumer<List<ServerAddress>> onMembers;

  private @Nullable ServerHealth server;
  private @Nullable Future<?> next;
  private @Nullable MemberRequest request;

  /**
   * Creates a discovery that requests nothing yet.
   *
   * @param configured service URLs
   * @param onMembers receives the other members of each list that is not empty, with the
   *     credentials and header fields of the server that sent it
   */
  MemberDiscovery(
      ConnectionContext context,
      MemberSchedule schedule,
      Collection<URI> configured,
      Consumer<List<ServerAddress>> onMembers) {
    this.context = context;
    this.schedule = schedule;
    this.configured = configured;
    this.onMembers = onMembers;
  }

  /** Requests the members from this server from now on. */
  void use(ServerHealth inUse) {
    stop();
    server = inUse;
    schedule(Math.max(
        schedule.firstMs(context.random()), inUse.membersWaitMs(context.clock().monotonicNs())));
  }

  /** Requests nothing more until another server is used. */
  void stop() {
    server = null;
    if (next != null) {
      next.cancel(false);
    }
    if (request != null) {
      request.close();
      request = null;
    }
  }

  private void schedule(long waitMs) {
    next = context.loop().schedule(this::send, waitMs, TimeUnit.MILLISECONDS);
  }

  private void send() {
    ServerHealth asked = server;
    if (asked == null) {
      return;
    }
    request = new MemberRequest(context, asked.address(), new MemberRequest.Listener() {
      @Override
      public void completed(int status, byte[] body) {
        MemberDiscovery.this.completed(asked, status, body);
      }

      @Override
      public void failed(String cause) {
        log.debug("no list of members server={} cause={}", asked, cause);
        schedule(schedule.nextMs(context.random()));
      }
    });
    request.send();
  }

  private void completed(ServerHealth asked, int status, byte[] body) {
    boolean isListed = status == OK && accept(asked.address(), body);
    boolean isAbsent = !isListed && !MemberSchedule.isTemporary(status);
    if (isAbsent) {
      asked.delayMembers(schedule.absentMs(), context.clock().monotonicNs());
    }
    schedule(isAbsent ? schedule.absentMs() : schedule.nextMs(context.random()));
  }

  private boolean accept(ServerAddress from, byte[] body) {
    try {
      MemberUrls members = MemberUrls.read(body, from.url(), configured);
      if (!members.isEmpty()) {
        onMembers.accept(members.others().stream().map(from::member).toList());
      }
      return true;
    } catch (MalformedDocumentException e) {
      log.debug("invalid list of members server={} cause={}", from, e.getMessage());
      return false;
    }
  }
}

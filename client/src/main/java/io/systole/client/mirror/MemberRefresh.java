// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.client.mirror.RegistryHttpClient.PlainResponse;
import io.systole.client.net.MemberSchedule;
import io.systole.client.net.MemberUrls;
import io.systole.protocol.codec.MalformedDocumentException;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The periodic request for the members of a native cluster, to the server of the snapshot. Confined
 * to the mirror's thread.
 */
final class MemberRefresh {
  /*
   * Only a server that sends versions is requested, since stock servers do not. A new server of the
   * snapshot is requested soon; otherwise the next request follows the last response.
   */
  private static final Logger log = LoggerFactory.getLogger(MemberRefresh.class);

  private static final int OK = 200;

  private final boolean isEnabled;
  private final MemberSchedule schedule;
  private final SnapshotHolder snapshotHolder;
  private final MirrorServerSelector servers;
  private final ScheduledExecutorService thread;
  private final RegistryHttpClient http;
  private final SplittableRandom random;

  /** The server that the next request is scheduled for. */
  private @Nullable MirrorServer server;

  private @Nullable Future<?> next;

  MemberRefresh(
      MirrorConfig config,
      SnapshotHolder snapshotHolder,
      MirrorServerSelector servers,
      ScheduledExecutorService thread,
      RegistryHttpClient http,
      SplittableRandom random) {
    this.isEnabled = config.memberIntervalMs() > 0;
    this.schedule = new MemberSchedule(config.memberIntervalMs());
    this.snapshotHolder = snapshotHolder;
    this.servers = servers;
    this.thread = thread;
    this.http = http;
    this.random = random;
  }

  /** Called after each successful round, which may have used another server. */
  void succeeded() {
    MirrorServer source = snapshotHolder.source();
    boolean isVersioned = snapshotHolder.snapshot().version() != RegistrySnapshot.NO_VERSION;
    if (isEnabled && source != null && isVersioned && !source.equals(server)) {
      server = source;
      schedule(schedule.firstMs(random));
    }
  }

  private void schedule(long waitMs) {
    close();
    next = thread.schedule(this::request, waitMs, TimeUnit.MILLISECONDS);
  }

  private void request() {
    MirrorServer asked = server;
    if (asked != null) {
      var unused = http.members(asked)
          .whenCompleteAsync(
              (response, failure) -> {
                if (!asked.equals(server)) {
                  // Another server's request is scheduled.
                  return;
                }
                if (failure != null) {
                  log.debug("no list of members server={} reason={}", asked, http.reason(failure));
                  schedule(schedule.nextMs(random));
                } else {
                  completed(asked, response);
                }
              },
              thread);
    }
  }

  private void completed(MirrorServer asked, PlainResponse response) {
    boolean isListed = response.status() == OK && accept(asked, response.body());
    boolean isAbsent = !isListed && !MemberSchedule.isTemporary(response.status());
    schedule(isAbsent ? schedule.absentMs() : schedule.nextMs(random));
  }

  private boolean accept(MirrorServer from, byte[] body) {
    try {
      MemberUrls members = MemberUrls.read(body, from.base(), servers.configured());
      if (!members.isEmpty()
          && servers.learn(members.others().stream().map(from::member).toList())) {
        log.info("cluster members learned={} from={}", members.others().size(), from);
      }
      return true;
    } catch (MalformedDocumentException e) {
      log.debug("invalid list of members server={} cause={}", from, e.getMessage());
      return false;
    }
  }

  /** Sends no further request. */
  void close() {
    if (next != null) {
      next.cancel(false);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.events.LongPolls;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.responsecache.ResponseCache;
import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseCallback;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What changed: {@code GET apps/delta}, of late (spec §1.2 item 2); with {@code since=<version>}
 * just what changed after that version, and with {@code wait=<seconds>} as soon as there is
 * something. A version that is no longer told is answered 410: everything must be fetched.
 */
public final class DeltaEndpoint implements AsyncRequestHandler {
  private static final Response GONE = Response.ofStatus(410);

  private final CachedResponses ready;
  private final LongPolls polls;
  private final ResponseCache views;

  public DeltaEndpoint(CachedResponses ready, LongPolls polls, ResponseCache views) {
    this.ready = ready;
    this.polls = polls;
    this.views = views;
  }

  @Override
  public void handle(Request request, ResponseCallback callback) {
    String since = request.query().first("since");
    if (since == null) {
      ready.send(CacheScope.DELTA, "", request, callback, Response.NOT_FOUND);
      return;
    }
    long version = NonNegativeLong.parse(since);
    long waitMs = waitMs(request.query().first("wait"));
    if (version == NonNegativeLong.NONE || waitMs < 0) {
      callback.send(Response.BAD_REQUEST);
      return;
    }
    // As a number again: 7 and 007 are one answer.
    String name = Long.toString(version);
    Runnable report = () -> ready.send(CacheScope.SINCE, name, request, callback, GONE);
    if (waitMs == 0 || views.versionNow() != version) {
      report.run();
      return;
    }
    LongPolls.PendingPoll waiting = polls.await(version, waitMs, report);
    if (waiting == null) {
      callback.send(Response.OVERLOADED);
    } else {
      callback.onAbandoned(waiting::giveUp);
    }
  }

  /** 0 when it isn't asked for; less than 0 when it can't be read. */
  private static long waitMs(@Nullable String seconds) {
    if (seconds == null) {
      return 0;
    }
    long parsed = NonNegativeLong.parse(seconds);
    return parsed == NonNegativeLong.NONE
        ? -1
        : TimeUnit.SECONDS.toMillis(Math.min(parsed, TimeUnit.DAYS.toSeconds(1)));
  }
}

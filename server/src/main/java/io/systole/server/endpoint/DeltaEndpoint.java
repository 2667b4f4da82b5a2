// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.auth.Principal;
import io.systole.server.auth.Role;
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
 * {@code GET apps/delta}: the recent changes (spec §1.2 item 2); with {@code since=<version>} only
 * those after a version, and with {@code wait=<seconds>} as soon as there is one. 410 if the
 * changes after the version are no longer available; the client must fetch the full registry then.
 */
public final class DeltaEndpoint implements AsyncRequestHandler {
  private static final Response GONE = Response.ofStatus(410);

  private final CachedResponses cachedResponses;
  private final LongPolls polls;
  private final ResponseCache cache;

  public DeltaEndpoint(CachedResponses cachedResponses, LongPolls polls, ResponseCache cache) {
    this.cachedResponses = cachedResponses;
    this.polls = polls;
    this.cache = cache;
  }

  @Override
  public void handle(Request request, ResponseCallback callback) {
    String since = request.query().first("since");
    if (since == null) {
      cachedResponses.send(CacheScope.DELTA, "", request, callback, Response.NOT_FOUND);
      return;
    }
    long version = RequestParameters.nonNegative(since);
    long waitMs = waitMs(request.query().first("wait"));
    if (version == RequestParameters.NO_NUMBER || waitMs < 0) {
      callback.send(Response.BAD_REQUEST);
      return;
    }
    // Normalized: 7 and 007 share a cache entry.
    String name = Long.toString(version);
    Runnable respond = () -> {
      if (mayRead(request.principal())) {
        cachedResponses.send(CacheScope.SINCE, name, request, callback, GONE);
      } else {
        callback.send(Response.UNAUTHORIZED);
      }
    };
    if (waitMs == 0 || cache.version() != version) {
      respond.run();
      return;
    }
    LongPolls.PendingPoll poll = polls.await(version, waitMs, respond);
    if (poll == null) {
      callback.send(Response.OVERLOADED);
    } else {
      callback.onAbandoned(poll::abandon);
    }
  }

  /** Returns whether a reader still has the role after having waited; null without credentials. */
  private static boolean mayRead(@Nullable Principal reader) {
    return reader == null || reader.stillHas(Role.READ);
  }

  /** Returns 0 if absent, less than 0 if invalid. */
  private static long waitMs(@Nullable String seconds) {
    if (seconds == null) {
      return 0;
    }
    long parsed = RequestParameters.nonNegative(seconds);
    return parsed == RequestParameters.NO_NUMBER
        ? -1
        : TimeUnit.SECONDS.toMillis(Math.min(parsed, TimeUnit.DAYS.toSeconds(1)));
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.events.Polls;
import io.systole.server.route.Answer;
import io.systole.server.route.LateEndpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import io.systole.server.view.ViewKey.Extent;
import io.systole.server.view.Views;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What changed: {@code GET apps/delta}, of late (spec §1.2 item 2); with {@code since=<version>}
 * just what changed after that version, and with {@code wait=<seconds>} as soon as there is
 * something. A version that is no longer told is answered 410: everything must be fetched.
 */
public final class DeltaEndpoint implements LateEndpoint {
  private static final Reply GONE = Reply.ofStatus(410);

  private final ReadyAnswers ready;
  private final Polls polls;
  private final Views views;

  public DeltaEndpoint(ReadyAnswers ready, Polls polls, Views views) {
    this.ready = ready;
    this.polls = polls;
    this.views = views;
  }

  @Override
  public void handle(Request request, Answer answer) {
    String since = request.query().first("since");
    if (since == null) {
      ready.send(Extent.DELTA, "", request, answer, Reply.NOT_FOUND);
      return;
    }
    long version = NaturalNumber.parse(since);
    long waitMs = waitMs(request.query().first("wait"));
    if (version == NaturalNumber.NONE || waitMs < 0) {
      answer.send(Reply.BAD_REQUEST);
      return;
    }
    // As a number again: 7 and 007 are one answer.
    String name = Long.toString(version);
    Runnable tell = () -> ready.send(Extent.SINCE, name, request, answer, GONE);
    if (waitMs == 0 || views.versionNow() != version) {
      tell.run();
      return;
    }
    Polls.Waiting waiting = polls.await(version, waitMs, tell);
    if (waiting == null) {
      answer.send(Reply.OVERLOADED);
    } else {
      answer.onAbandoned(waiting::giveUp);
    }
  }

  /** 0 when it isn't asked for; less than 0 when it can't be read. */
  private static long waitMs(@Nullable String seconds) {
    if (seconds == null) {
      return 0;
    }
    long parsed = NaturalNumber.parse(seconds);
    return parsed == NaturalNumber.NONE
        ? -1
        : TimeUnit.SECONDS.toMillis(Math.min(parsed, TimeUnit.DAYS.toSeconds(1)));
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.events.EventStreams;
import io.systole.server.events.Scope;
import io.systole.server.route.Answer;
import io.systole.server.route.Body;
import io.systole.server.route.LateEndpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import io.systole.server.view.ViewKey.Extent;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Many instances: the whole registry, one application, or all behind a virtual name (spec §1.2
 * items 1, 3, 12 and 13); as a document, or as a stream of events for who accepts one.
 * {@code regions} is taken and means nothing: there are no other regions.
 */
public final class ListEndpoint implements LateEndpoint {
  private final ReadyAnswers ready;
  private final EventStreams streams;
  private final Function<Request, Scope> scope;

  private ListEndpoint(ReadyAnswers ready, EventStreams streams, Function<Request, Scope> scope) {
    this.ready = ready;
    this.streams = streams;
    this.scope = scope;
  }

  /** {@code GET apps}. */
  public static ListEndpoint everything(ReadyAnswers ready, EventStreams streams) {
    return new ListEndpoint(ready, streams, request -> new Scope(Extent.FULL, ""));
  }

  /** {@code GET apps/{app}}. */
  public static ListEndpoint application(ReadyAnswers ready, EventStreams streams) {
    return new ListEndpoint(
        ready,
        streams,
        request -> new Scope(Extent.APPLICATION, request.variable("app").toUpperCase(Locale.ROOT)));
  }

  /**
   * {@code GET vips/{vip}}, {@code GET svips/{vip}}. An unknown name has none; that is no error.
   *
   * @param extent which of the two virtual names is asked for
   */
  public static ListEndpoint behind(Extent extent, ReadyAnswers ready, EventStreams streams) {
    return new ListEndpoint(ready, streams, request -> new Scope(extent, request.variable("vip")));
  }

  @Override
  public void handle(Request request, Answer answer) {
    Scope asked = scope.apply(request);
    if (Wanted.isEvents(request)) {
      stream(asked, request.header("last-event-id"), answer);
    } else {
      ready.send(asked.extent(), asked.name(), request, answer, Reply.NOT_FOUND);
    }
  }

  private void stream(Scope asked, @Nullable String lastEventId, Answer answer) {
    Consumer<Body> taker = body -> answer.send(events(body));
    Consumer<Throwable> failed = cause -> answer.send(Reply.INTERNAL_ERROR);
    long seen = lastEventId == null ? NaturalNumber.NONE : NaturalNumber.parse(lastEventId);
    if (seen == NaturalNumber.NONE) {
      streams.begin(asked, taker, failed);
    } else {
      streams.resume(asked, seen, taker, failed);
    }
  }

  private static Reply events(Body body) {
    return new Reply(200, "text/event-stream", Map.of("Cache-Control", "no-store"), body);
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.route.Answer;
import io.systole.server.route.Body;
import io.systole.server.route.Passage;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import io.systole.server.view.EncodedView;
import io.systole.server.view.Pass;
import io.systole.server.view.Taker;
import io.systole.server.view.ViewKey;
import io.systole.server.view.ViewKey.Extent;
import io.systole.server.view.Views;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends answers that are made ahead: in the language, form and coding that the request asks for,
 * and as a 304 to who has them already (RFC 9110 §13.1.2).
 */
public final class ReadyAnswers {
  /** Which change an answer is as of; the {@code since} of a poll. */
  static final String VERSION_HEADER = "Systole-Version";

  private static final String GZIP_SUFFIX = "-gzip";

  private final Views views;

  public ReadyAnswers(Views views) {
    this.views = views;
  }

  /**
   * Answers at once or as soon as the answer is made.
   *
   * @param name as in {@link ViewKey}
   * @param absent the answer when there is nothing of that name
   */
  void send(Extent extent, String name, Request request, Answer answer, Reply absent) {
    // As the original, which compresses no others (spec §1.5).
    Wanted wanted =
        extent.isOfRegistry() ? Wanted.by(request) : Wanted.by(request).plain();
    ViewKey key = new ViewKey(extent, name, wanted.language(), wanted.form());
    EntityTags held = EntityTags.in(request.header("if-none-match"));
    if (!held.isEmpty()) {
      String tag = views.currentTag(key);
      if (tag != null && isHeld(tag, held)) {
        answer.send(notModified(tag, wanted));
        return;
      }
    }
    views.view(key, new Taker() {
      @Override
      public void take(EncodedView view) {
        answer.send(
            isHeld(view.tag(), held) ? notModified(view.tag(), wanted) : reply(view, key, wanted));
      }

      @Override
      public void absent() {
        answer.send(absent);
      }

      @Override
      public void failed(Throwable cause) {
        answer.send(Reply.INTERNAL_ERROR);
      }
    });
  }

  /** What is shown is the same in either coding. */
  private static boolean isHeld(String tag, EntityTags held) {
    return held.include(tag) || held.include(tag + GZIP_SUFFIX);
  }

  private static Reply notModified(String tag, Wanted wanted) {
    return new Reply(304, null, headers(tag, wanted), Body.NONE);
  }

  private static Map<String, String> headers(String tag, Wanted wanted) {
    Map<String, String> headers = new LinkedHashMap<>(Wanted.VARY);
    headers.put("ETag", '"' + tag + (wanted.isGzip() ? GZIP_SUFFIX : "") + '"');
    return headers;
  }

  private static Reply reply(EncodedView view, ViewKey key, Wanted wanted) {
    Map<String, String> headers = headers(view.tag(), wanted);
    if (key.extent().isOfRegistry()) {
      headers.put(VERSION_HEADER, Long.toString(view.version()));
    }
    if (wanted.isGzip()) {
      headers.put("Content-Encoding", "gzip");
    }
    return new Reply(200, key.language().mediaType(), headers, body(view, wanted.isGzip()));
  }

  private static Body body(EncodedView view, boolean isGzip) {
    byte @Nullable [] whole = isGzip ? view.gzipAtHand() : view.plainAtHand();
    if (whole != null) {
      return Body.of(whole);
    }
    Supplier<Pass> passes = isGzip ? view::openGzip : view::openPlain;
    long length = isGzip ? view.gzipLength() : view.plainLength();
    return Body.ofLength(length, () -> passage(passes.get()));
  }

  private static Passage passage(Pass pass) {
    return new Passage() {
      @Override
      public int read(byte[] into, int from, int length) {
        return pass.read(into, from, length);
      }

      @Override
      public void close() {
        pass.close();
      }
    };
  }
}

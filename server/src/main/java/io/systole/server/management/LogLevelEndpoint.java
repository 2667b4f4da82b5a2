// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.model.EscapedText;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Shows and changes the levels of the log until the next start or reload: {@code GET} and
 * {@code PUT /systole/log-level}.
 */
public final class LogLevelEndpoint implements RequestHandler {
  /** The permitted query of a change. */
  public static final QueryRules CHANGE_QUERY = QueryRules.of("level", "logger");

  private static final Logger LOG = LoggerFactory.getLogger(LogLevelEndpoint.class);

  private static final List<String> LEVELS =
      List.of("OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE");

  /** The levels of the log. Thread-safe. */
  public interface Levels {
    /** Returns the level of all loggers without one of their own, upper case. */
    String rootLevel();

    /** Returns the loggers that have a level of their own. */
    Map<String, String> ownLevels();

    /** Sets the level of all loggers without one of their own. */
    void set(String level);

    /**
     * Sets the level of a logger and those below it.
     *
     * @return false if there is no such logger
     */
    boolean set(String logger, String level);
  }

  private final Levels levels;

  public LogLevelEndpoint(Levels levels) {
    this.levels = levels;
  }

  @Override
  public Response handle(Request request) {
    return request.method() == HttpMethod.PUT ? change(request) : show();
  }

  private Response show() {
    ObjectNode response = JsonResponses.object().put("level", levels.rootLevel());
    ObjectNode loggers = response.putObject("loggers");
    levels.ownLevels().forEach(loggers::put);
    return JsonResponses.ok(response);
  }

  private Response change(Request request) {
    String text = request.query().first("level");
    String level = text == null ? "" : text.toUpperCase(Locale.ROOT);
    if (!LEVELS.contains(level)) {
      return JsonResponses.refusal(
          400,
          (text == null ? "level is required" : "level=" + QueryRules.shown(text) + " is unknown")
              + "; allowed: " + String.join(", ", LEVELS) + ".");
    }
    String logger = request.query().first("logger");
    if (logger == null) {
      levels.set(level);
    } else if (!levels.set(logger, level)) {
      return JsonResponses.refusal(
          400, "There is no logger " + QueryRules.shown(logger) + "; names are case-sensitive.");
    }
    log(level, logger, request);
    return Response.NO_CONTENT;
  }

  private static void log(String level, @Nullable String logger, Request request) {
    LOG.info(
        "operator action={} logger={} level={} outcome={} principal={} from={}",
        "set_log_level",
        logger == null ? "root" : EscapedText.token(logger),
        level,
        "done",
        EscapedText.token(request.principalText()),
        request.senderText());
  }
}

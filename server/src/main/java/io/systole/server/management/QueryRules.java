// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters of an endpoint. Unknown and repeated ones are refused with 400 and a reason
 * that names them: an operator who mistypes a filter must not take the response for a filtered one.
 */
public final class QueryRules {
  /** The number of entries in a response unless the query has a {@code limit}. */
  static final int LIMIT_DEFAULT = 100;

  /** The maximum of {@code limit}. */
  static final int LIMIT_MAX = 10_000;

  /** Limit on characters of a parameter in a reason: the query may be as long as the head. */
  private static final int SHOWN_CHARS_MAX = 100;

  private static final String LIMIT = "limit";

  /** A value of the query that an endpoint refuses; the message is the reason. */
  static final class InvalidQueryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    InvalidQueryException(String reason) {
      super(reason, null, false, false);
    }
  }

  /** No parameters. */
  public static final QueryRules NONE = of();

  private final List<String> allowed;

  private QueryRules(List<String> allowed) {
    this.allowed = allowed;
  }

  /** Returns rules that allow these parameters. */
  public static QueryRules of(String... names) {
    return new QueryRules(List.of(names));
  }

  /** Returns a handler that refuses queries against these rules and invalid values. */
  public RequestHandler guard(RequestHandler endpoint) {
    return request -> {
      String violation = violation(request);
      if (violation != null) {
        return JsonResponses.refusal(400, violation);
      }
      try {
        return endpoint.handle(request);
      } catch (InvalidQueryException invalid) {
        return JsonResponses.refusal(400, String.valueOf(invalid.getMessage()));
      }
    };
  }

  /** Returns a handler that refuses queries against these rules and invalid values. */
  public AsyncRequestHandler guard(AsyncRequestHandler endpoint) {
    return (request, callback) -> {
      String violation = violation(request);
      if (violation != null) {
        callback.send(JsonResponses.refusal(400, violation));
        return;
      }
      try {
        endpoint.handle(request, callback);
      } catch (InvalidQueryException invalid) {
        callback.send(JsonResponses.refusal(400, String.valueOf(invalid.getMessage())));
      }
    };
  }

  /** Returns the reason to refuse a query, or null. */
  private @Nullable String violation(Request request) {
    Set<String> seen = new HashSet<>();
    for (Map.Entry<String, String> pair : request.query().pairs()) {
      String name = pair.getKey();
      if (!allowed.contains(name)) {
        return "Unknown query parameter " + shown(name) + "; allowed: "
            + (allowed.isEmpty() ? "none" : String.join(", ", allowed)) + ".";
      }
      if (!seen.add(name)) {
        return "The query parameter " + name + " is given twice.";
      }
    }
    return null;
  }

  /**
   * Returns the value of {@code limit}, 0 to {@link #LIMIT_MAX}; {@link #LIMIT_DEFAULT} if absent.
   */
  static int limit(Request request) {
    return limit(request, LIMIT_DEFAULT, LIMIT_MAX);
  }

  /** Returns the value of {@code limit}, 0 to {@code max}. */
  static int limit(Request request, int defaultValue, int max) {
    String text = request.query().first(LIMIT);
    if (text == null) {
      return defaultValue;
    }
    boolean isNumber = text.matches("[0-9]{1,9}");
    if (!isNumber || Integer.parseInt(text) > max) {
      throw new InvalidQueryException(
          "limit=" + shown(text) + " is not a whole number within 0.." + max + ".");
    }
    return Integer.parseInt(text);
  }

  /** Returns the text, cut to a length that fits a sentence. */
  static String shown(String text) {
    return text.length() <= SHOWN_CHARS_MAX ? text : text.substring(0, SHOWN_CHARS_MAX) + "...";
  }
}

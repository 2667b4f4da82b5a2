// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.PathSegments;
import io.systole.server.auth.Role;
import io.systole.server.metrics.RequestClass;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A router from method and decoded path to a {@link Route}. Resources are few and matched in order.
 * Most heartbeats bypass it through the {@link HeartbeatMatcher}.
 */
public final class Router {
  /**
   * The result of {@link #match}.
   *
   * @param variables values of the template's {@code {name}} segments
   * @param role the role that the request requires; null for none
   */
  public record Match(
      Route route, Map<String, String> variables, @Nullable Role role, RequestClass requestClass) {}

  /**
   * The description of a resource.
   *
   * @param template begins with a slash, e.g. {@code /v2/apps/{app}/{id}}
   * @param methods methods with a route; HEAD and OPTIONS are implied
   */
  public record RouteInfo(String template, Set<HttpMethod> methods) {}

  /** The undecoded form of a variable segment, which none equals. */
  private static final byte[] ANY = {};

  private record ClassifiedRoute(Route route, @Nullable Role role, RequestClass requestClass) {}

  /** @param segments the undecoded bytes of the template's segments, {@link #ANY} for variables */
  private record Resource(
      List<String> template, List<byte[]> segments, Map<HttpMethod, ClassifiedRoute> routes) {}

  private static final Route NOT_FOUND = Route.onEventLoop(request -> Response.NOT_FOUND);

  private final List<Resource> resources;

  private Router(List<Resource> resources) {
    this.resources = resources;
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the first resource that matches the path and has a route for the method. HEAD is routed
   * like GET. A change of {@code /PAY/} is unknown if there is one of {@code /PAY/{id}}, as the
   * slash is that of an empty id: its sender must not change all of PAY. An unknown path leads to a
   * 404; a known path leads to a 405 for another method and to a 204 for OPTIONS, both with
   * {@code Allow}. These require {@link Role#READ}.
   */
  public Match match(HttpMethod method, PathSegments path) {
    HttpMethod search = method == HttpMethod.HEAD ? HttpMethod.GET : method;
    Resource matching = null;
    for (Resource resource : resources) {
      if (matches(resource.template, path)) {
        ClassifiedRoute found = resource.routes.get(search);
        if (found != null && lacksVariable(resource, search, path)) {
          break;
        }
        if (found != null) {
          return new Match(
              found.route, variablesOf(resource.template, path), found.role, found.requestClass);
        }
        matching = matching == null ? resource : matching;
      }
    }
    Route other = matching == null ? NOT_FOUND : routeOtherMethod(method, matching);
    return new Match(other, Map.of(), Role.READ, RequestClass.CRITICAL);
  }

  /** Returns whether the path may be meant for a resource below, with an empty variable. */
  private boolean lacksVariable(Resource resource, HttpMethod method, PathSegments path) {
    int size = resource.template.size();
    return path.hasTrailingSlash()
        && method != HttpMethod.GET
        && resources.stream()
            .anyMatch(below -> below.template.size() == size + 1
                && isVariable(below.template.get(size))
                && below.template.subList(0, size).equals(resource.template)
                && below.routes.containsKey(method));
  }

  /**
   * Returns the class of requests to an undecoded path {@code bytes[from, to)}: that of the route
   * {@link #match} returns, without allocation unless the path has escapes or parameters.
   *
   * @throws HttpParseException if the path can't be decoded
   */
  public RequestClass classOf(HttpMethod method, byte[] bytes, int from, int to)
      throws HttpParseException {
    HttpMethod search = method == HttpMethod.HEAD ? HttpMethod.GET : method;
    PathSegments decoded = mustDecode(bytes, from, to) ? PathSegments.of(bytes, from, to) : null;
    for (int i = 0; i < resources.size(); i++) {
      Resource resource = resources.get(i);
      ClassifiedRoute found = resource.routes.get(search);
      if (found != null
          && (decoded == null
              ? matches(resource.segments, bytes, from, to)
              : matches(resource.template, decoded))) {
        return found.requestClass;
      }
    }
    return RequestClass.CRITICAL;
  }

  private static boolean mustDecode(byte[] bytes, int from, int to) {
    for (int at = from; at < to; at++) {
      if (bytes[at] == '%' || bytes[at] == ';') {
        return true;
      }
    }
    return false;
  }

  /** Returns whether an undecoded path matches, as {@link PathSegments} splits it. */
  private static boolean matches(List<byte[]> segments, byte[] bytes, int from, int to) {
    int end = to > from && bytes[to - 1] == '/' ? to - 1 : to;
    int at = from;
    for (int i = 0; i < segments.size(); i++) {
      byte[] expected = segments.get(i);
      if (at >= end || bytes[at] != '/') {
        return false;
      }
      int start = at + 1;
      at = start;
      while (at < end && bytes[at] != '/') {
        at++;
      }
      boolean isMatch = expected == ANY
          ? at > start
          : Arrays.equals(bytes, start, at, expected, 0, expected.length);
      if (!isMatch) {
        return false;
      }
    }
    return at == end;
  }

  /** Returns every resource in matching order. */
  public List<RouteInfo> resources() {
    return resources.stream()
        .map(resource -> new RouteInfo(
            "/" + String.join("/", resource.template), Set.copyOf(resource.routes.keySet())))
        .toList();
  }

  private static Route routeOtherMethod(HttpMethod method, Resource resource) {
    Map<String, String> allow = Map.of("Allow", allowed(resource));
    int status = method == HttpMethod.OPTIONS ? 204 : 405;
    Response response = new Response(status, null, allow, ResponseBody.NONE);
    return Route.onEventLoop(request -> response);
  }

  private static String allowed(Resource resource) {
    String methods =
        resource.routes.keySet().stream().map(Enum::name).collect(Collectors.joining(", "));
    return methods + (resource.routes.containsKey(HttpMethod.GET) ? ", HEAD" : "") + ", OPTIONS";
  }

  private static boolean matches(List<String> template, PathSegments path) {
    if (template.size() != path.size()) {
      return false;
    }
    for (int i = 0; i < template.size(); i++) {
      String expected = template.get(i);
      String found = path.get(i);
      if (isVariable(expected) ? found.isEmpty() : !expected.equals(found)) {
        return false;
      }
    }
    return true;
  }

  private static Map<String, String> variablesOf(List<String> template, PathSegments path) {
    Map<String, String> variables = new HashMap<>();
    for (int i = 0; i < template.size(); i++) {
      String segment = template.get(i);
      if (isVariable(segment)) {
        variables.put(segment.substring(1, segment.length() - 1), path.get(i));
      }
    }
    return variables;
  }

  private static boolean isVariable(String segment) {
    return segment.startsWith("{");
  }

  /** A builder of routers. The first resource added that matches a path wins. */
  public static final class Builder {
    private final List<Resource> resources = new ArrayList<>();

    private Builder() {}

    /**
     * Adds a route for a method of a resource. It requires {@link Role#READ} if the method is GET,
     * else {@link Role#MANAGE}, and is never refused for overload.
     *
     * @param template begins with a slash, e.g. {@code /v2/apps/{app}/{id}}, or just {@code /}
     */
    public Builder add(HttpMethod method, String template, Route route) {
      return add(method, template, method == HttpMethod.GET ? Role.READ : Role.MANAGE, route);
    }

    /**
     * Adds a route for a method of a resource that requires this role, or none if null, and is
     * never refused for overload.
     */
    public Builder add(HttpMethod method, String template, @Nullable Role role, Route route) {
      return add(method, template, role, RequestClass.CRITICAL, route);
    }

    /** Adds a route that requires this role, or none if null. */
    public Builder add(
        HttpMethod method,
        String template,
        @Nullable Role role,
        RequestClass requestClass,
        Route route) {
      List<String> segments =
          template.equals("/") ? List.of() : List.of(template.substring(1).split("/"));
      Resource resource = resources.stream()
          .filter(known -> known.template.equals(segments))
          .findFirst()
          .orElseGet(() -> addResource(segments));
      resource.routes.put(method, new ClassifiedRoute(route, role, requestClass));
      return this;
    }

    private Resource addResource(List<String> segments) {
      List<byte[]> undecoded = segments.stream()
          .map(segment -> isVariable(segment) ? ANY : segment.getBytes(StandardCharsets.US_ASCII))
          .toList();
      Resource resource = new Resource(segments, undecoded, new EnumMap<>(HttpMethod.class));
      resources.add(resource);
      return resource;
    }

    public Router build() {
      return new Router(List.copyOf(resources));
    }
  }
}

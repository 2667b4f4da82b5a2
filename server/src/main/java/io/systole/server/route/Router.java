// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.PathSegments;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Method and decoded segments to a route. Resources are few and asked in order; heartbeats don't
 * come this way but through the {@link HeartbeatMatcher}.
 */
public final class Router {
  /**
   * Where a request goes.
   *
   * @param variables what stood in the place of the template's names
   */
  public record Match(Route route, Map<String, String> variables) {}

  /**
   * A resource as it may be listed.
   *
   * @param template begins with a slash, e.g. {@code /v2/apps/{app}/{id}}
   * @param methods those it has a route for; HEAD and OPTIONS come by themselves
   */
  public record RouteInfo(String template, Set<HttpMethod> methods) {}

  private record Resource(List<String> template, Map<HttpMethod, Route> routes) {}

  private static final Route NOT_FOUND = Route.quick(request -> Response.NOT_FOUND);

  private final List<Resource> resources;

  private Router(List<Resource> resources) {
    this.resources = resources;
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * Finds the destination: the first resource that fits the path and knows the method. An unknown
   * path leads to a 404, a known one with another method to a 405 that names the allowed ones,
   * OPTIONS to a 204 that does, and HEAD to GET.
   */
  public Match match(HttpMethod method, PathSegments path) {
    HttpMethod search = method == HttpMethod.HEAD ? HttpMethod.GET : method;
    Resource fitting = null;
    for (Resource resource : resources) {
      if (fits(resource.template, path)) {
        Route route = resource.routes.get(search);
        if (route != null) {
          return new Match(route, variablesOf(resource.template, path));
        }
        fitting = fitting == null ? resource : fitting;
      }
    }
    return new Match(fitting == null ? NOT_FOUND : otherMethod(method, fitting), Map.of());
  }

  /** Every resource, in the order in which they are asked. */
  public List<RouteInfo> listings() {
    return resources.stream()
        .map(resource -> new RouteInfo(
            "/" + String.join("/", resource.template), Set.copyOf(resource.routes.keySet())))
        .toList();
  }

  private static Route otherMethod(HttpMethod method, Resource resource) {
    Map<String, String> allow = Map.of("Allow", allowed(resource));
    int status = method == HttpMethod.OPTIONS ? 204 : 405;
    Response response = new Response(status, null, allow, ResponseBody.NONE);
    return Route.quick(request -> response);
  }

  private static String allowed(Resource resource) {
    String methods =
        resource.routes.keySet().stream().map(Enum::name).collect(Collectors.joining(", "));
    return methods + (resource.routes.containsKey(HttpMethod.GET) ? ", HEAD" : "") + ", OPTIONS";
  }

  private static boolean fits(List<String> template, PathSegments path) {
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

  /** Collects resources; the first that fits a path wins. */
  public static final class Builder {
    private final List<Resource> resources = new ArrayList<>();

    private Builder() {}

    /**
     * Adds a method to a resource.
     *
     * @param template begins with a slash, e.g. {@code /v2/apps/{app}/{id}}
     */
    public Builder add(HttpMethod method, String template, Route route) {
      List<String> segments = List.of(template.substring(1).split("/"));
      Resource resource = resources.stream()
          .filter(known -> known.template.equals(segments))
          .findFirst()
          .orElseGet(() -> addResource(segments));
      resource.routes.put(method, route);
      return this;
    }

    private Resource addResource(List<String> segments) {
      Resource resource = new Resource(segments, new EnumMap<>(HttpMethod.class));
      resources.add(resource);
      return resource;
    }

    public Router build() {
      return new Router(List.copyOf(resources));
    }
  }
}

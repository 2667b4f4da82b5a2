// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.PathSegments;
import io.systole.protocol.http.QueryParameters;
import io.systole.server.auth.Role;
import io.systole.server.metrics.RequestClass;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouterTest {
  private final Route read = Route.onEventLoop(request -> Response.OK);
  private final Route write = Route.onEventLoop(request -> Response.NO_CONTENT);
  private final Router router = Router.builder()
      .add(HttpMethod.GET, "/v2/apps/delta", Role.READ, RequestClass.DELTA, read)
      .add(HttpMethod.GET, "/v2/apps/{app}", Role.READ, RequestClass.FULL_FETCH, read)
      .add(HttpMethod.POST, "/v2/apps/{app}", Role.REGISTER, RequestClass.REGISTRATION, write)
      .add(HttpMethod.PUT, "/v2/apps/{app}/{id}", write)
      .build();

  @ParameterizedTest
  @CsvSource({
    "GET, /v2/apps/delta, DELTA",
    "HEAD, /v2/apps/delta, DELTA",
    "GET, /v2/apps/delta/, DELTA",
    "GET, /v2/apps/delta;a=b, DELTA",
    "GET, /v2/%61pps/delta, DELTA",
    "GET, /v2/apps/deltas, FULL_FETCH",
    "GET, /v2/apps/A, FULL_FETCH",
    "GET, /v2/apps/%41%2F, FULL_FETCH",
    "POST, /v2/apps/delta, REGISTRATION",
    "PUT, /v2/apps/A/i, CRITICAL",
    "GET, /v2/apps/, CRITICAL",
    "GET, /v2/apps//, CRITICAL",
    "GET, /v2/apps/A/i/x, CRITICAL",
    "GET, /v3/apps/A, CRITICAL",
    "DELETE, /v2/apps/A, CRITICAL",
    "OPTIONS, *, CRITICAL"
  })
  void classOf_path_isThatOfItsRoute(HttpMethod method, String path, RequestClass expected)
      throws HttpParseException {
    byte[] bytes = ("GET " + path + " HTTP/1.1").getBytes(StandardCharsets.US_ASCII);

    assertThat(router.classOf(method, bytes, 4, 4 + path.length())).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2/apps/%", "/v2/apps/%00", "/v2/apps/%C3"})
  void classOf_pathThatCannotBeDecoded_isRefused(String path) {
    byte[] bytes = path.getBytes(StandardCharsets.US_ASCII);

    assertThatThrownBy(() -> router.classOf(HttpMethod.GET, bytes, 0, bytes.length))
        .isInstanceOf(HttpParseException.class);
  }

  @Test
  void match_template_decodesVariables() throws HttpParseException {
    Router.Match match = match(HttpMethod.PUT, "/v2/apps/A%2FB/h%C3%A9/");

    assertThat(match.route()).isSameAs(write);
    assertThat(match.variables()).containsEntry("app", "A/B").containsEntry("id", "hé");
  }

  @Test
  void match_fixedSegment_hasPrecedenceOverALaterVariable() throws HttpParseException {
    assertThat(match(HttpMethod.GET, "/v2/apps/delta").variables()).isEmpty();
    assertThat(match(HttpMethod.GET, "/v2/apps/deltas").variables()).containsEntry("app", "deltas");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/v2", "/v2/apps", "/v2/apps//i", "//v2/apps/A", "/v2/apps/A/i/x"})
  void match_unknownPath_is404(String path) throws HttpParseException {
    assertThat(response(match(HttpMethod.PUT, path)).status()).isEqualTo(404);
  }

  @Test
  void match_changeWithEmptyLastVariable_is404() throws HttpParseException {
    Router evicting = Router.builder()
        .add(HttpMethod.POST, "/evict/{app}/{id}", write)
        .add(HttpMethod.POST, "/evict/{app}", write)
        .add(HttpMethod.POST, "/stop", write)
        .build();

    assertThat(response(match(evicting, "/evict/PAY/")).status()).isEqualTo(404);
    assertThat(match(evicting, "/evict/PAY").route()).isSameAs(write);
    assertThat(match(evicting, "/evict/PAY/i/").route()).isSameAs(write);
    assertThat(match(evicting, "/stop/").route()).isSameAs(write);
  }

  private static Router.Match match(Router router, String path) throws HttpParseException {
    byte[] bytes = path.getBytes(StandardCharsets.US_ASCII);
    return router.match(HttpMethod.POST, PathSegments.of(bytes, 0, bytes.length));
  }

  @Test
  void match_otherMethod_is405WithAllow() throws HttpParseException {
    Response response = response(match(HttpMethod.DELETE, "/v2/apps/A"));

    assertThat(response.status()).isEqualTo(405);
    assertThat(response.headers()).containsEntry("Allow", "GET, POST, HEAD, OPTIONS");
    assertThat(response.bytes()).isEmpty();
  }

  @Test
  void match_options_is204WithAllow() throws HttpParseException {
    Response response = response(match(HttpMethod.OPTIONS, "/v2/apps/A/i"));

    assertThat(response.status()).isEqualTo(204);
    assertThat(response.headers()).containsEntry("Allow", "PUT, OPTIONS");
  }

  @Test
  void match_head_isRoutedLikeGet() throws HttpParseException {
    assertThat(match(HttpMethod.HEAD, "/v2/apps/A").route()).isSameAs(read);
  }

  @Test
  void resources_listTemplatesAndMethods() {
    assertThat(router.resources())
        .containsExactly(
            new Router.RouteInfo("/v2/apps/delta", Set.of(HttpMethod.GET)),
            new Router.RouteInfo("/v2/apps/{app}", Set.of(HttpMethod.GET, HttpMethod.POST)),
            new Router.RouteInfo("/v2/apps/{app}/{id}", Set.of(HttpMethod.PUT)));
  }

  private Router.Match match(HttpMethod method, String path) throws HttpParseException {
    byte[] bytes = path.getBytes(StandardCharsets.US_ASCII);
    return router.match(method, PathSegments.of(bytes, 0, bytes.length));
  }

  private static Response response(Router.Match match) {
    Request request =
        new Request(HttpMethod.GET, match.variables(), QueryParameters.EMPTY, Map.of());
    return ((Route.OnEventLoop) match.route()).handler().handle(request);
  }
}

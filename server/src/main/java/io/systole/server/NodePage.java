// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.http.HttpMethod;
import io.systole.server.management.QueryRules;
import io.systole.server.page.OverviewEndpoint;
import io.systole.server.page.PageEndpoint;
import io.systole.server.page.PageFiles;
import io.systole.server.page.PageSources;
import io.systole.server.page.PageStreamEndpoint;
import io.systole.server.page.PageStreams;
import io.systole.server.route.Route;
import io.systole.server.route.Router;
import java.util.concurrent.ScheduledExecutorService;

/** The web page of the node: its files, its streams, and their routes. */
final class NodePage {
  /** The path of Eureka's dashboard; as a base path, it has resources below it only. */
  private static final String EUREKA = "/eureka";

  private final PageFiles files = new PageFiles();
  private final PageSources sources;
  private final PageStreams streams;

  /** @param executor of the streams */
  NodePage(PageSources sources, ScheduledExecutorService executor) {
    this.sources = sources;
    this.streams = new PageStreams(sources, executor);
  }

  PageStreams streams() {
    return streams;
  }

  /** Adds the routes, after those of the protocol. */
  void addTo(Router.Builder routes) {
    Route index = Route.onEventLoop(PageEndpoint.index(files));
    routes
        .add(HttpMethod.GET, "/", index)
        .add(HttpMethod.GET, EUREKA, index)
        .add(HttpMethod.GET, "/systole/ui/{file}", Route.onEventLoop(PageEndpoint.file(files)))
        .add(
            HttpMethod.GET,
            "/systole/overview",
            Route.onWorker(QueryRules.NONE.guard(new OverviewEndpoint(sources))))
        .add(
            HttpMethod.GET,
            "/systole/stream",
            Route.onEventLoop(QueryRules.NONE.guard(PageStreamEndpoint.ofNode(streams))))
        .add(
            HttpMethod.GET,
            "/systole/stream/{app}",
            Route.onEventLoop(QueryRules.NONE.guard(PageStreamEndpoint.ofApplication(streams))));
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static io.systole.protocol.http.HttpMethod.GET;

import io.systole.server.monitoring.ActuatorEndpoints;
import io.systole.server.monitoring.HealthEndpoint;
import io.systole.server.monitoring.MetricsEndpoint;
import io.systole.server.monitoring.NodeHealth;
import io.systole.server.monitoring.ProbeEndpoints;
import io.systole.server.route.Route;
import io.systole.server.route.Router;

/** The routes of health and metrics. */
final class MonitoringRoutes {
  private final HealthEndpoint health;
  private final ProbeEndpoints probes;
  private final ActuatorEndpoints actuator;
  private final MetricsEndpoint metrics;

  /** @param isTls whether the management address uses TLS */
  MonitoringRoutes(
      HealthEndpoint health, NodeHealth nodeHealth, MetricsEndpoint metrics, boolean isTls) {
    BuildInfo build = BuildInfo.CURRENT;
    this.health = health;
    this.probes = new ProbeEndpoints(nodeHealth);
    this.actuator = new ActuatorEndpoints(nodeHealth, build.version(), build.revision(), isTls);
    this.metrics = metrics;
  }

  /** Adds the probes, which need no credentials: load balancers have none. */
  Router.Builder addProbes(Router.Builder routes) {
    return routes
        .add(GET, "/health", null, Route.onEventLoop(health))
        .add(GET, "/health/live", null, Route.onEventLoop(probes.liveness()))
        .add(GET, "/health/ready", null, Route.onEventLoop(probes.readiness()))
        .add(GET, "/actuator/health", null, Route.onEventLoop(actuator.health()))
        .add(GET, "/actuator/health/liveness", null, Route.onEventLoop(actuator.liveness()))
        .add(GET, "/actuator/health/readiness", null, Route.onEventLoop(actuator.readiness()));
  }

  /** Adds the metrics, and what else Spring Boot's actuator describes. */
  void addMetrics(Router.Builder routes) {
    routes
        .add(GET, "/metrics", Route.async(metrics))
        .add(GET, "/actuator", Route.onEventLoop(actuator.links()))
        .add(GET, "/actuator/info", Route.onEventLoop(actuator.info()))
        .add(GET, "/actuator/prometheus", Route.async(metrics));
  }
}

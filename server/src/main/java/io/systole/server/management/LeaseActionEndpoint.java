// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.EscapedText;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Registry;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Changes a lease for an operator: {@code POST /systole/evict/{app}/{id}}, {@code POST
 * /systole/extend/{app}/{id}}, {@code PUT} and {@code DELETE /systole/override/{app}/{id}}.
 */
public final class LeaseActionEndpoint implements RequestHandler {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseActionEndpoint.class);

  /** Each value has a placeholder: those of a line in JSON are named by the text before it. */
  private static final String LINE =
      "operator action={} app={} id={} outcome={} principal={} from={}";

  private static final String LINE_WITH_STATUS =
      "operator action={} app={} id={} status={} outcome={} principal={} from={}";

  private final OperatorAction.Factory actions;

  private LeaseActionEndpoint(OperatorAction.Factory actions) {
    this.actions = actions;
  }

  public static LeaseActionEndpoint eviction(Registry registry) {
    return new LeaseActionEndpoint(OperatorAction.eviction(registry));
  }

  public static LeaseActionEndpoint extension(Registry registry) {
    return new LeaseActionEndpoint(OperatorAction.extension(registry));
  }

  public static LeaseActionEndpoint setOverride(Registry registry) {
    return new LeaseActionEndpoint(OperatorAction.setOverride(registry));
  }

  public static LeaseActionEndpoint removeOverride(Registry registry) {
    return new LeaseActionEndpoint(OperatorAction.removeOverride(registry));
  }

  @Override
  public Response handle(Request request) {
    InstanceKey key = new InstanceKey(request.variable("app"), request.variable("id"));
    OperatorAction action = actions.of(request);
    boolean isDone = action.effect().test(key);
    LoggingEventBuilder line = LOG.atInfo()
        .addArgument(action.name())
        .addArgument(() -> EscapedText.token(key.app()))
        .addArgument(() -> EscapedText.token(key.id()));
    if (action.status() != null) {
      line = line.addArgument(action.status());
    }
    line.addArgument(isDone ? "done" : "no_lease")
        .addArgument(() -> EscapedText.token(request.principalText()))
        .addArgument(request::senderText)
        .log(action.status() == null ? LINE : LINE_WITH_STATUS);
    return isDone
        ? Response.NO_CONTENT
        : JsonResponses.refusal(404, "There is no lease for this instance.");
  }
}

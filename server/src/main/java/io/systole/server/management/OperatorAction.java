// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.eviction.QuantityText;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.Requester;
import io.systole.server.route.Request;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A change of single leases that an operator requests.
 *
 * @param name as in the log and in responses
 * @param status the status of an override, for the log; null for others
 * @param isForOverridden whether only instances with a status override are changed when the action
 *     is applied to a whole application
 * @param effect applies the action; returns false if there is no lease
 * @param summary returns a sentence on the number of changed leases of an application
 */
record OperatorAction(
    String name,
    @Nullable InstanceStatus status,
    boolean isForOverridden,
    Predicate<InstanceKey> effect,
    SummaryText summary) {

  /** A sentence on an action that was applied to an application. */
  @FunctionalInterface
  interface SummaryText {
    /** Returns the sentence on a number of changed leases. */
    String of(int count, String app);
  }

  /** Creates the action that a request specifies. */
  @FunctionalInterface
  interface Factory {
    /**
     * Returns the action.
     *
     * @throws QueryRules.InvalidQueryException if the query has an invalid value
     */
    OperatorAction of(Request request);
  }

  private static Requester requester(Request request) {
    return new Requester(request.principalName(), request.senderText());
  }

  static Factory eviction(Registry registry) {
    return request -> new OperatorAction(
        "evict",
        null,
        false,
        key -> registry.expiry().evict(key, requester(request)),
        (count, app) -> leases(count, app) + " evicted.");
  }

  static Factory extension(Registry registry) {
    return request -> new OperatorAction(
        "extend",
        null,
        false,
        key -> registry.expiry().extend(key, requester(request)),
        (count, app) -> leases(count, app) + " extended.");
  }

  private static String leases(int count, String app) {
    return QuantityText.count(count, "lease", "leases") + " of " + app
        + (count == 1 ? " was" : " were");
  }

  static Factory setOverride(Registry registry) {
    return request -> {
      InstanceStatus status = status(request);
      if (status == null) {
        throw new QueryRules.InvalidQueryException(
            "value is required, one of " + InstanceListEndpoint.statusNames() + ".");
      }
      return new OperatorAction(
          "set_override",
          status,
          false,
          key ->
              registry.statusOverrides().set(key, status, Registry.NO_TIMESTAMP, Origin.OPERATOR),
          (count, app) ->
              "The status of " + instances(count, app) + " was overridden with " + status + ".");
    };
  }

  static Factory removeOverride(Registry registry) {
    return request -> {
      InstanceStatus value = status(request);
      InstanceStatus status = value == null ? InstanceStatus.UNKNOWN : value;
      return new OperatorAction(
          "remove_override",
          status,
          true,
          key -> registry
              .statusOverrides()
              .remove(key, status, Registry.NO_TIMESTAMP, Origin.OPERATOR),
          (count, app) -> "The status override of " + instances(count, app) + " was removed.");
    };
  }

  private static String instances(int count, String app) {
    return QuantityText.count(count, "instance", "instances") + " of " + app;
  }

  /** Returns the status of the parameter {@code value}, or null if it is absent. */
  private static @Nullable InstanceStatus status(Request request) {
    String name = request.query().first("value");
    InstanceStatus status = InstanceStatus.named(name);
    if (name != null && status == null) {
      throw InstanceListEndpoint.unknownStatus("value", name);
    }
    return status;
  }
}

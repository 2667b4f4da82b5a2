// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Origin;
import io.systole.server.route.Request;

/** The parameters that several endpoints read from their requests. */
final class RequestParameters {
  /** Result of {@link #nonNegative} for any other text. */
  static final long NO_NUMBER = -1;

  private RequestParameters() {}

  static InstanceKey keyOf(Request request) {
    return new InstanceKey(request.variable("app"), request.variable("id"));
  }

  static Origin originOf(Request request) {
    return request.isReplicated() ? Origin.PEER : Origin.CLIENT;
  }

  /** Returns the number, 0 or greater, or {@link #NO_NUMBER}: a version or a number of seconds. */
  static long nonNegative(String text) {
    try {
      long number = Long.parseLong(text);
      return number < 0 ? NO_NUMBER : number;
    } catch (NumberFormatException notANumber) {
      return NO_NUMBER;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

/**
 * Connections of clients that are neither alive nor gone, to the end of the window: a third sends
 * half a request and no more, a third asks for everything and never reads, a third says nothing.
 */
record HalfOpenConnections(int connections) implements ScenarioAction {
  static HalfOpenConnections of(YamlFields fields) {
    return new HalfOpenConnections(
        fields.count("connections", 1, MisbehavingConnections.COUNT_MAX));
  }

  @Override
  public void run(ScenarioContext context) {
    context.recordEvent("half-open: " + connections + " connections");
    MisbehavingConnections sockets = new MisbehavingConnections(context, "half-open");
    MisbehavingConnections.Behavior[] behaviors = {
      MisbehavingConnections.Behavior.HALF_REQUEST,
      MisbehavingConnections.Behavior.NEVER_READING,
      MisbehavingConnections.Behavior.SILENT
    };
    for (int nth = 0; nth < connections; nth++) {
      sockets.add(behaviors[nth % behaviors.length], MisbehavingConnections.UNBOUNDED);
    }
    sockets.begin();
  }
}

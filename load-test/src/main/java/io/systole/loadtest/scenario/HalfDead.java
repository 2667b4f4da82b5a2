// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

/**
 * Connections of clients that are neither alive nor gone, to the end of the window: a third sends
 * half a request and no more, a third asks for everything and never reads, a third says nothing.
 */
record HalfDead(int connections) implements Action {
  static HalfDead of(Fields fields) {
    return new HalfDead(fields.count("connections", 1, Sockets.COUNT_MAX));
  }

  @Override
  public void play(Stage stage) {
    stage.tell("half-dead: " + connections + " connections");
    Sockets sockets = new Sockets(stage, "half-dead");
    Sockets.Manner[] manners = {
      Sockets.Manner.HALF_ASKING, Sockets.Manner.NEVER_READING, Sockets.Manner.SILENT
    };
    for (int nth = 0; nth < connections; nth++) {
      sockets.add(manners[nth % manners.length], Sockets.UNBOUNDED);
    }
    sockets.begin();
  }
}

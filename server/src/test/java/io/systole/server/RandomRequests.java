// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Instances;
import java.io.IOException;
import java.util.List;
import java.util.Random;

/** Random requests of clients and operators over one connection. For one thread. */
final class RandomRequests implements AutoCloseable {
  private static final Codec CODEC = new JsonCodec();
  private static final List<InstanceStatus> STATUSES = List.of(
      InstanceStatus.UP,
      InstanceStatus.DOWN,
      InstanceStatus.STARTING,
      InstanceStatus.OUT_OF_SERVICE);

  private final PersistentConnection connection;
  private final int apps;
  private final int ids;
  private final Random random;

  RandomRequests(int port, int apps, int ids, long seed) throws IOException {
    this.connection = new PersistentConnection(port);
    this.apps = apps;
    this.ids = ids;
    this.random = new Random(seed);
  }

  /** Sends one random change and waits for its response. */
  void next() throws IOException {
    String app = app(random.nextInt(apps));
    String id = id(random.nextInt(ids));
    InstanceStatus status = STATUSES.get(random.nextInt(STATUSES.size()));
    String path = app + '/' + id;
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3, 4 -> register(app, id, status);
      case 5 -> request("DELETE", path);
      case 6, 7 -> request("PUT", path + "/status?value=" + status);
      case 8, 9 -> request("DELETE", path + "/status?value=" + status);
      default -> request("PUT", path + "/metadata?k=" + random.nextInt());
    }
  }

  static String app(int number) {
    return "APP" + number;
  }

  static String id(int number) {
    return "i-" + number;
  }

  void register(String app, String id, InstanceStatus status) throws IOException {
    InstanceInfo instance = Instances.up(app, id, 3_600).toBuilder()
        .status(status)
        .lastDirtyMs(Instances.DIRTY_MS + random.nextInt(3))
        .vipAddress("v")
        .build();
    byte[] body = CODEC.encodeInstance(instance, Form.FULL);
    connection.send(
        "POST /eureka/apps/" + app + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + "Content-Length: " + body.length + "\r\n\r\n",
        body);
    assertThat(connection.response().status()).isEqualTo(204);
  }

  /** Requests a change of an instance, which may not exist. */
  int request(String method, String path) throws IOException {
    connection.send(
        method + " /eureka/apps/" + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    int status = connection.response().status();
    assertThat(status).as("%s %s", method, path).isIn(200, 404);
    return status;
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}

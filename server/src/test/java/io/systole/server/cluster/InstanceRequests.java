// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/**
 * Requests of clients and operators for one instance at one server; each returns the status of the
 * response. Ids must not have to be encoded.
 */
final class InstanceRequests {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final String app;
  private final String path;
  private final InstanceInfo instance;

  InstanceRequests(ClusterServer server, InstanceInfo instance) {
    this.app = server.registry().url() + "/apps/" + instance.app();
    this.path = app + "/" + instance.id();
    this.instance = instance;
  }

  int register() {
    byte[] json = new JsonCodec().encodeInstance(instance, Form.FULL);
    return send("POST", app, BodyPublishers.ofByteArray(json));
  }

  int renew() {
    return send("PUT", path + "?status=" + instance.status() + "&" + timestamp());
  }

  int overrideStatus(InstanceStatus status) {
    return send("PUT", path + "/status?value=" + status + "&" + timestamp());
  }

  /** @param status the status of the instance afterwards */
  int removeOverride(InstanceStatus status) {
    return send("DELETE", path + "/status?value=" + status + "&" + timestamp());
  }

  int addMetadata(String name, String value) {
    return send("PUT", path + "/metadata?" + name + "=" + value);
  }

  int cancel() {
    return send("DELETE", path);
  }

  private String timestamp() {
    return "lastDirtyTimestamp=" + instance.lastDirtyMs();
  }

  private static int send(String method, String url) {
    return send(method, url, BodyPublishers.noBody());
  }

  private static int send(String method, String url, BodyPublisher body) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url))
        .method(method, body)
        .header("Content-Type", "application/json")
        .header("Accept", "application/json")
        .timeout(TIMEOUT)
        .build();
    try {
      return CLIENT.send(request, BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + url, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}

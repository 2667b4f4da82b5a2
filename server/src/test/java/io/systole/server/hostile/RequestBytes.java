// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;

/** Encoded requests, modelled on those of stock Java clients. */
final class RequestBytes {
  static final String BASE = "/eureka/v2";
  private static final int LEASE_SECONDS = 90;
  private static final String CLIENT_FIELDS = """
      DiscoveryIdentity-Name: DefaultClient\r
      DiscoveryIdentity-Version: 1.4\r
      Accept: application/json\r
      Accept-Encoding: gzip\r
      Host: 127.0.0.1:8761\r
      Connection: Keep-Alive\r
      User-Agent: Java-EurekaClient/v2.0.6\r
      """;
  private static final String DOCUMENT = """
      {"instance":{"instanceId":"%s","hostName":"h1","app":"%s","ipAddr":"10.0.0.1","status":"UP",\
      "overriddenStatus":"UNKNOWN","port":{"$":8080,"@enabled":"true"},\
      "securePort":{"$":443,"@enabled":"false"},"countryId":1,"dataCenterInfo":\
      {"@class":"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo","name":"MyOwn"},\
      "leaseInfo":{"renewalIntervalInSecs":30,"durationInSecs":%d},"metadata":{%s},\
      "homePageUrl":"http://h1:8080/","statusPageUrl":"http://h1:8080/info",\
      "healthCheckUrl":"http://h1:8080/health","vipAddress":"%2$s","secureVipAddress":"%2$s",\
      "lastDirtyTimestamp":"1700000000000"}}""";

  private RequestBytes() {}

  static byte[] heartbeat(String app, String id) {
    return bytes("PUT " + BASE + "/apps/" + app + "/" + id
        + "?status=UP&lastDirtyTimestamp=1700000000000 HTTP/1.1\r\n" + CLIENT_FIELDS
        + "Content-Length: 0\r\n\r\n");
  }

  static byte[] registration(String app, String id) {
    return registration(app, id, LEASE_SECONDS);
  }

  /** Returns the registration of an instance with a short lease. */
  static byte[] registration(String app, String id, int leaseSeconds) {
    return post(
        "/apps/" + app,
        "Content-Type: application/json",
        document(app, id, leaseSeconds, "\"zone\":\"z\""));
  }

  /** Returns a request without a body. */
  static byte[] bare(String method, String target) {
    String length = method.equals("GET") ? "" : "Content-Length: 0\r\n";
    return bytes(method + " " + target + " HTTP/1.1\r\n" + CLIENT_FIELDS + length + "\r\n");
  }

  /** @param fields header fields of the body except the length, separated by CRLF */
  static byte[] post(String path, String fields, byte[] body) {
    byte[] head = bytes("POST " + BASE + path + " HTTP/1.1\r\n" + CLIENT_FIELDS + fields
        + "\r\nContent-Length: " + body.length + "\r\n\r\n");
    return concat(head, body);
  }

  /** @param metadata members of its JSON object */
  static byte[] document(String app, String id, String metadata) {
    return document(app, id, LEASE_SECONDS, metadata);
  }

  private static byte[] document(String app, String id, int leaseSeconds, String metadata) {
    return bytes(DOCUMENT.formatted(id, app, leaseSeconds, metadata));
  }

  static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(plain);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return packed.toByteArray();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] concat(byte[] head, byte[] body) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream(head.length + body.length);
    whole.writeBytes(head);
    whole.writeBytes(body);
    return whole.toByteArray();
  }
}

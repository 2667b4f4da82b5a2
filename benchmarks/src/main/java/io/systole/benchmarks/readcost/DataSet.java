// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Generated instances as the client of Spring registers them. All documents have the same size,
 * about 960 bytes in the JSON of the registry, and distinct ids, hosts, addresses and URLs. Each
 * document has a unique mark that identifies its change in a response.
 *
 * @param instances 1..10_000_000
 * @param applications over which they are distributed, 1..{@code instances}
 * @param leaseSecs duration of each lease
 */
public record DataSet(int instances, int applications, int leaseSecs) {
  private static final int PORT = 8080;

  /** Odd, so that products differ. Consecutive hosts would compress better than real ones. */
  private static final int SCATTER = 0x9E3779B1;

  /** Long enough that no lease expires during a measurement. */
  private static final int LEASE_SECS = 86_400;

  /** Dirty timestamp of the first version of every document, epoch ms; each change adds one. */
  private static final long DIRTY_MS = 1_700_000_000_000L;

  /** Creates a set whose leases outlast any measurement. */
  public DataSet(int instances, int applications) {
    this(instances, applications, LEASE_SECS);
  }

  public DataSet {
    if (applications < 1 || applications > instances) {
      throw new IllegalArgumentException(
          applications + " applications of " + instances + " instances");
    }
  }

  /** Returns the application of an instance in lower case, as its client sends it. */
  String app(int index) {
    return "orders-%05d".formatted(index % applications);
  }

  String id(int index) {
    return "%s:%s:%d".formatted(host(index), app(index), PORT);
  }

  private static String host(int index) {
    return "host-%08x".formatted(index * SCATTER);
  }

  /** Returns an address of 24 varying bits, distinct for 16,777,216 instances. */
  private static String address(int index) {
    int bits = index * SCATTER;
    return "10.%d.%d.%d".formatted(bits >> 16 & 0xFF, bits >> 8 & 0xFF, bits & 0xFF);
  }

  /**
   * Returns the bytes that a response contains if and only if it includes this change.
   *
   * @param change 0 for the first registration, which all instances share
   */
  public static byte[] mark(long change) {
    return "~%010d".formatted(change).getBytes(US_ASCII);
  }

  /**
   * Returns a registration request.
   *
   * @param prefix base path of the protocol
   * @param change number of the change, which the document contains
   */
  public byte[] registration(String prefix, int index, long change) {
    String body = document(index, change);
    return ("POST " + prefix + "/apps/" + app(index) + " HTTP/1.1\r\nHost: localhost\r\n"
            + "Accept: application/json\r\nContent-Type: application/json\r\n"
            + "Content-Length: " + body.length() + "\r\n\r\n" + body)
        .getBytes(US_ASCII);
  }

  /** Returns a heartbeat, with the dirty timestamp of {@code change}. */
  public byte[] heartbeat(String prefix, int index, long change) {
    return ("PUT " + prefix + "/apps/" + app(index) + "/" + id(index)
            + "?status=UP&lastDirtyTimestamp=" + (DIRTY_MS + change)
            + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .getBytes(US_ASCII);
  }

  /** Returns a cancellation request. */
  public byte[] cancellation(String prefix, int index) {
    return ("DELETE " + prefix + "/apps/" + app(index) + "/" + id(index)
            + " HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n")
        .getBytes(US_ASCII);
  }

  /** Returns the JSON document of a registration. */
  public String document(int index, long change) {
    String host = host(index);
    String app = app(index);
    String address = address(index);
    String root = "http://" + host + ":" + PORT;
    return """
        {"instance":{"instanceId":"%s","app":"%s","appGroupName":null,"ipAddr":"%s","sid":"na",\
        "homePageUrl":"%s/","statusPageUrl":"%s/actuator/info",\
        "healthCheckUrl":"%s/actuator/health","secureHealthCheckUrl":null,"vipAddress":"%s",\
        "secureVipAddress":"%s","countryId":1,"dataCenterInfo":{"@class":\
        "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo","name":"MyOwn"},"hostName":"%s",\
        "status":"UP","overriddenStatus":"UNKNOWN","leaseInfo":{"renewalIntervalInSecs":30,\
        "durationInSecs":%d,"registrationTimestamp":0,"lastRenewalTimestamp":0,\
        "evictionTimestamp":0,"serviceUpTimestamp":0},"isCoordinatingDiscoveryServer":false,\
        "lastUpdatedTimestamp":%d,"lastDirtyTimestamp":%d,"actionType":null,"asgName":null,\
        "port":{"$":%d,"@enabled":"true"},"securePort":{"$":443,"@enabled":"false"},\
        "metadata":{"management.port":"%d","change":"%s"}}}""".formatted(
            id(index),
            app,
            address,
            root,
            root,
            root,
            app,
            app,
            host,
            leaseSecs,
            DIRTY_MS + change,
            DIRTY_MS + change,
            PORT,
            PORT,
            new String(mark(change), US_ASCII));
  }
}

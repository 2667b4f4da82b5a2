// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

/** The instance that most exchanges were recorded with, "I" in the tables of the spec. */
final class PlainInstance {
  private static final String DOCUMENT = """
      {"instance":{"instanceId":"%s","hostName":"h1","app":"%s","ipAddr":"10.0.0.1","status":"UP",\
      "overriddenStatus":"UNKNOWN","port":{"$":8080,"@enabled":"true"},\
      "securePort":{"$":443,"@enabled":"false"},"countryId":1,"dataCenterInfo":\
      {"@class":"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo","name":"MyOwn"},\
      "leaseInfo":{"renewalIntervalInSecs":30,"durationInSecs":90},"metadata":{"zone":"z1"},\
      "homePageUrl":"http://h1:8080/","statusPageUrl":"http://h1:8080/info",\
      "healthCheckUrl":"http://h1:8080/health","vipAddress":"demo","secureVipAddress":"demo-s",\
      "lastDirtyTimestamp":"1700000000000"}}""";

  private PlainInstance() {}

  static String of(String app, String id) {
    return DOCUMENT.formatted(id, app);
  }
}

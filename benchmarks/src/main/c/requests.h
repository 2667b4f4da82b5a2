// SPDX-License-Identifier: Apache-2.0
// The requests of the generator: registrations and heartbeats in HTTP, and the two commands that
// come closest to them in the protocol of Redis. Numbers of instances have a fixed width, so all
// heartbeats have the same size and differ in three places.

#ifndef SYSTOLE_REQUESTS_H
#define SYSTOLE_REQUESTS_H

#include <stdio.h>
#include <string.h>

enum {
  APP_SIZE = 100, // instances of an application
  APP_DIGITS = 5,
  INSTANCE_DIGITS = 7,
  INSTANCES_MAX = 9999999,
  PREFIX_BYTES_MAX = 32,
  HEARTBEAT_BYTES_MAX = 512,
  DOCUMENT_BYTES_MAX = 1024,
  REGISTRATION_BYTES_MAX = 2048,
};

// Longer than any run, so that no lease expires in it.
#define LEASE_SECS "9000"
#define KEY "APP-%05u/host-%07u.example:app-%05u:8080"

// A heartbeat and the positions of its numbers.
struct heartbeat {
  char bytes[HEARTBEAT_BYTES_MAX];
  size_t size;
  size_t app;
  size_t host;
  size_t suffix;
};

static inline void write_digits(char *to, int digits, unsigned number) {
  while (digits > 0) {
    to[--digits] = (char)('0' + number % 10);
    number /= 10;
  }
}

static inline size_t position_after(const char *text, const char *mark) {
  return (size_t)(strstr(text, mark) - text) + strlen(mark);
}

static inline struct heartbeat heartbeat_with_positions(struct heartbeat heartbeat) {
  heartbeat.size = strlen(heartbeat.bytes);
  heartbeat.app = position_after(heartbeat.bytes, "APP-");
  heartbeat.host = position_after(heartbeat.bytes, "/host-");
  heartbeat.suffix = position_after(heartbeat.bytes, ":app-");
  return heartbeat;
}

// Returns a heartbeat as Netflix's client sends it.
static inline struct heartbeat http_heartbeat(const char *prefix) {
  struct heartbeat heartbeat;
  snprintf(heartbeat.bytes, sizeof heartbeat.bytes,
      "PUT %s/apps/" KEY "?status=UP&lastDirtyTimestamp=1700000000000 HTTP/1.1\r\n"
      "Host: 127.0.0.1:8080\r\n"
      "User-Agent: Java-EurekaClient/v2.0.4\r\n"
      "Accept-Encoding: gzip\r\n"
      "Content-Length: 0\r\n\r\n",
      prefix, 0u, 0u, 0u);
  return heartbeat_with_positions(heartbeat);
}

static inline int key_size(void) {
  return snprintf(NULL, 0, KEY, 0u, 0u, 0u);
}

static inline struct heartbeat redis_heartbeat(void) {
  struct heartbeat heartbeat;
  snprintf(heartbeat.bytes, sizeof heartbeat.bytes,
      "*3\r\n$6\r\nEXPIRE\r\n$%d\r\n" KEY "\r\n$%zu\r\n" LEASE_SECS "\r\n", key_size(), 0u, 0u,
      0u, strlen(LEASE_SECS));
  return heartbeat_with_positions(heartbeat);
}

// Writes the heartbeat of an instance and returns its size.
static inline size_t write_heartbeat(
    const struct heartbeat *heartbeat, unsigned instance, char *to) {
  memcpy(to, heartbeat->bytes, heartbeat->size);
  write_digits(to + heartbeat->app, APP_DIGITS, instance / APP_SIZE);
  write_digits(to + heartbeat->host, INSTANCE_DIGITS, instance);
  write_digits(to + heartbeat->suffix, APP_DIGITS, instance / APP_SIZE);
  return heartbeat->size;
}

// Writes the registration of an instance, at most REGISTRATION_BYTES_MAX, and returns its size.
static inline size_t write_http_registration(const char *prefix, unsigned instance, char *to) {
  char document[DOCUMENT_BYTES_MAX];
  unsigned app = instance / APP_SIZE;
  int size = snprintf(document, sizeof document,
      "{\"instance\":{\"instanceId\":\"host-%07u.example:app-%05u:8080\",\"app\":\"APP-%05u\","
      "\"hostName\":\"host-%07u.example\",\"ipAddr\":\"10.%u.%u.%u\",\"status\":\"UP\","
      "\"port\":{\"$\":8080,\"@enabled\":\"true\"},\"vipAddress\":\"app-%05u\","
      "\"dataCenterInfo\":{\"@class\":"
      "\"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo\",\"name\":\"MyOwn\"},"
      "\"leaseInfo\":{\"renewalIntervalInSecs\":30,\"durationInSecs\":" LEASE_SECS "},"
      "\"metadata\":{\"zone\":\"z%u\"},\"lastDirtyTimestamp\":\"1700000000000\"}}",
      instance, app, app, instance, instance >> 16 & 255, instance >> 8 & 255, instance & 255,
      app, instance % 3);
  return (size_t)snprintf(to, REGISTRATION_BYTES_MAX,
      "POST %s/apps/APP-%05u HTTP/1.1\r\n"
      "Host: 127.0.0.1:8080\r\n"
      "Content-Type: application/json\r\n"
      "Content-Length: %d\r\n\r\n%s",
      prefix, app, size, document);
}

static inline size_t write_redis_registration(unsigned instance, char *to) {
  unsigned app = instance / APP_SIZE;
  return (size_t)snprintf(to, REGISTRATION_BYTES_MAX,
      "*5\r\n$3\r\nSET\r\n$%d\r\n" KEY "\r\n$2\r\nUP\r\n$2\r\nEX\r\n$%zu\r\n" LEASE_SECS "\r\n",
      key_size(), app, instance, app, strlen(LEASE_SECS));
}

#endif

// SPDX-License-Identifier: Apache-2.0
// Loads a server on loopback with heartbeats, from one thread, and measures its CPU time.
//
//   generator [-r] [-x PREFIX] [-p PID] PORT INSTANCES MODE
//
//   register                            registers all instances
//   saturated CONNECTIONS IN_FLIGHT SECONDS
//                                       sends IN_FLIGHT heartbeats at once on each connection, and
//                                       the next ones when all of them are answered
//   paced CONNECTIONS RATE SECONDS      open model: sends each heartbeat alone at the time at which
//                                       it is due, RATE per second over all connections in turn;
//                                       latency counts from that time
//
//   -r           the protocol of Redis instead of HTTP
//   -x PREFIX    the path before /apps, /v2 by default
//   -p PID       the process whose CPU time is measured
//
// Before the measurement every connection has been answered once; connecting is not part of it. The
// result is one line of JSON. Exit codes: 0; 1 if a response was not the expected one or missing; 2
// for wrong arguments or a failed system call.

#define _GNU_SOURCE
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "requests.h"
#include "sockets.h"

enum {
  CONNECTIONS_MAX = 50000,
  IN_FLIGHT_MAX = 1024,
  PACED_IN_FLIGHT_MAX = 128, // on a connection; a further heartbeat is not sent
  RATE_MAX = 5000000,
  SECONDS_MAX = 3600,
  LATENCIES_MAX = 200000000,
  REGISTERING_CONNECTIONS = 32,
  REGISTERING_IN_FLIGHT = 16,
  EVENTS_MAX = 1024,
  INPUT_BYTES_MAX = 1 << 16,
  HEAD_BYTES_MAX = 1024,
  RESPONSE_MS_MAX = 10000,
  STRIDE = 7368787, // between the instances of two heartbeats, so that leases are scattered
};

#define NS_PER_SECOND 1000000000LL
#define UNANSWERED (-1.0f)

enum mode { REGISTER, SATURATED, PACED };
enum request { REGISTRATION, HEARTBEAT };

struct connection {
  int socket;
  int in_flight;
  size_t body_left; // bytes of the current response that are not received yet
  size_t kept;      // bytes of an incomplete head
  char head[HEAD_BYTES_MAX];
  unsigned first_due; // the oldest of the paced heartbeats in flight, in the ring
  uint32_t due[PACED_IN_FLIGHT_MAX];
};

static struct {
  bool is_redis;
  const char *prefix;
  pid_t measured; // 0 without
  int port;
  unsigned instances;
} target = {.prefix = "/v2"};

static struct connection *connections;
static int connection_count;
static int epoll;
static struct heartbeat heartbeat;
static enum request request;
static uint64_t next_instance;
static unsigned stride = STRIDE;

static uint64_t ok_count;
static uint64_t bad_count;
static uint64_t unsent_count;
static int64_t unanswered_count; // requests in flight on all connections

// Paced heartbeats: when the first one was due, and the latency of each in µs.
static int64_t start_ns;
static long rate;
static float *latencies;

static int64_t now_ns(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time) != 0) {
    fail("clock_gettime");
  }
  return time.tv_sec * NS_PER_SECOND + time.tv_nsec;
}

// Returns the CPU time of the measured process so far, with that of threads that have ended.
static int64_t measured_cpu_ns(void) {
  clockid_t clock;
  if (target.measured == 0) {
    return 0;
  }
  if (clock_getcpuclockid(target.measured, &clock) != 0) {
    reject("no process has this PID", "-p");
  }
  return now_ns(clock);
}

static int64_t due_ns(uint64_t number) {
  return start_ns + (int64_t)(number * (double)NS_PER_SECOND / (double)rate);
}

static void connect_all(int count) {
  struct sockaddr_in address = loopback(target.port);
  connection_count = count;
  connections = calloc((size_t)count, sizeof *connections);
  epoll = epoll_create1(0);
  if (connections == NULL || epoll < 0) {
    fail("connections");
  }
  for (int i = 0; i < count; i++) {
    int connected = socket(AF_INET, SOCK_STREAM, 0);
    if (connected < 0 || connect(connected, (struct sockaddr *)&address, sizeof address) != 0) {
      fail("connect");
    }
    send_without_delay(connected);
    connections[i].socket = connected;
    watch_input(epoll, connected, (epoll_data_t){.ptr = &connections[i]});
  }
}

// Writes the next request and returns its size.
static size_t write_request(char *to) {
  if (request == HEARTBEAT) {
    unsigned instance = (unsigned)(next_instance++ * stride % target.instances);
    return write_heartbeat(&heartbeat, instance, to);
  }
  unsigned instance = (unsigned)next_instance++;
  return target.is_redis ? write_redis_registration(instance, to)
                         : write_http_registration(target.prefix, instance, to);
}

// Sends the next requests on a connection.
static void send_batch(struct connection *connection, int count) {
  static char output[IN_FLIGHT_MAX * HEARTBEAT_BYTES_MAX];
  _Static_assert(
      sizeof output >= REGISTERING_IN_FLIGHT * REGISTRATION_BYTES_MAX, "holds registrations");
  size_t size = 0;
  for (int i = 0; i < count; i++) {
    size += write_request(output + size);
  }
  if (!write_all(connection->socket, output, size)) {
    fail("send");
  }
  connection->in_flight += count;
  unanswered_count += count;
}

static void count_response(bool is_ok, const char *text, size_t size) {
  if (is_ok) {
    ok_count++;
  } else if (bad_count++ == 0) {
    fprintf(stderr, "unexpected response: %.*s\n", (int)size, text);
  }
}

// Takes a response of Redis, a line. Returns its size, or 0 if it is incomplete.
static size_t take_line(const char *from, const char *end) {
  const char *expected = request == HEARTBEAT ? ":1\r\n" : "+OK\r\n";
  const char *feed = memchr(from, '\n', (size_t)(end - from));
  if (feed == NULL) {
    return 0;
  }
  size_t size = (size_t)(feed + 1 - from);
  count_response(size == strlen(expected) && memcmp(from, expected, size) == 0, from, size - 2);
  return size;
}

// Returns the size of the body that follows a head.
static size_t body_size(const char *head, size_t size) {
  char text[HEAD_BYTES_MAX + 1];
  memcpy(text, head, size);
  text[size] = '\0';
  if (strcasestr(text, "\r\nTransfer-Encoding:") != NULL) {
    reject("response without Content-Length", text);
  }
  const char *field = strcasestr(text, "\r\nContent-Length:");
  return field == NULL ? 0 : strtoul(strchr(field, ':') + 1, NULL, 10);
}

// Takes the head of an HTTP response. Returns its size, or 0 if it is incomplete.
static size_t take_head(struct connection *connection, const char *from, const char *end) {
  // The last head of an expected response without a body: the next one is usually equal.
  static char usual[HEAD_BYTES_MAX];
  static size_t usual_size;
  static enum request usual_request;
  if (usual_size > 0 && usual_request == request && usual_size <= (size_t)(end - from)
      && memcmp(from, usual, usual_size) == 0) {
    ok_count++;
    return usual_size;
  }
  const char *last = memmem(from, (size_t)(end - from), "\r\n\r\n", 4);
  if (last == NULL) {
    return 0;
  }
  size_t size = (size_t)(last + 4 - from);
  if (size > HEAD_BYTES_MAX) {
    reject("response head is too long", "1024 bytes are the maximum");
  }
  const char *status = request == HEARTBEAT ? "HTTP/1.1 200" : "HTTP/1.1 204";
  bool is_ok = size > strlen(status) && memcmp(from, status, strlen(status)) == 0;
  count_response(is_ok, from, size);
  connection->body_left = body_size(from, size);
  if (is_ok && connection->body_left == 0) {
    memcpy(usual, from, size);
    usual_size = size;
    usual_request = request;
  }
  return size;
}

static void keep_head(struct connection *connection, const char *from, size_t size) {
  if (size >= HEAD_BYTES_MAX) {
    reject("response head is too long", "1024 bytes are the maximum");
  }
  memcpy(connection->head, from, size);
  connection->kept = size;
}

// Skips the rest of a body and returns the size of what was skipped.
static size_t skip_body(struct connection *connection, size_t available) {
  size_t skipped = connection->body_left < available ? connection->body_left : available;
  connection->body_left -= skipped;
  return skipped;
}

// Takes all heads in some input, keeps the last one if it is incomplete, and returns their number.
static int take_responses(struct connection *connection, const char *from, const char *end) {
  int count = 0;
  while (true) {
    from += skip_body(connection, (size_t)(end - from));
    if (from == end) {
      return count;
    }
    size_t size = target.is_redis ? take_line(from, end) : take_head(connection, from, end);
    if (size == 0) {
      keep_head(connection, from, (size_t)(end - from));
      return count;
    }
    from += size;
    count++;
  }
}

// Receives what a connection has and returns the number of responses.
static int receive(struct connection *connection) {
  static char input[HEAD_BYTES_MAX + INPUT_BYTES_MAX];
  size_t kept = connection->kept;
  memcpy(input, connection->head, kept);
  ssize_t received = recv(connection->socket, input + kept, INPUT_BYTES_MAX, MSG_DONTWAIT);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) {
    return 0;
  }
  if (received <= 0) {
    reject("receive", received == 0 ? "the server closed a connection" : strerror(errno));
  }
  connection->kept = 0;
  int count = take_responses(connection, input, input + kept + received);
  if (count > connection->in_flight) {
    reject("receive", "more responses than requests");
  }
  connection->in_flight -= count;
  unanswered_count -= count;
  return count;
}

// Waits for responses. Returns the number of connections that have some.
static int await_responses(struct epoll_event *events, int timeout_ms) {
  int ready = epoll_wait(epoll, events, EVENTS_MAX, timeout_ms);
  if (ready < 0 && errno != EINTR) {
    fail("epoll_wait");
  }
  return ready < 0 ? 0 : ready;
}

static int smaller(int a, uint64_t b) {
  return (uint64_t)a < b ? a : (int)b;
}

// Sends batches on all connections until a number of requests is sent or a time has passed, and
// returns when all are answered. Requests without a response count as bad.
static void run_batches(int in_flight, uint64_t request_count, int64_t end_ns) {
  struct epoll_event events[EVENTS_MAX];
  uint64_t left = request_count;
  for (int i = 0; i < connection_count && left > 0; i++) {
    int count = smaller(in_flight, left);
    send_batch(&connections[i], count);
    left -= (uint64_t)count;
  }
  while (unanswered_count > 0) {
    int ready = await_responses(events, RESPONSE_MS_MAX);
    if (ready == 0) {
      bad_count += (uint64_t)unanswered_count;
      fprintf(stderr, "%lld requests without a response\n", (long long)unanswered_count);
      return;
    }
    for (int i = 0; i < ready; i++) {
      struct connection *connection = events[i].data.ptr;
      receive(connection);
      if (connection->in_flight == 0 && left > 0 && now_ns(CLOCK_MONOTONIC) < end_ns) {
        int count = smaller(in_flight, left);
        send_batch(connection, count);
        left -= (uint64_t)count;
      }
    }
  }
}

// Sends one request on each connection, so that the server has accepted all of them.
static void greet(void) {
  run_batches(1, (uint64_t)connection_count, INT64_MAX);
  ok_count = 0;
}

static void send_paced(struct connection *connection, uint32_t number) {
  if (connection->in_flight == PACED_IN_FLIGHT_MAX) {
    unsent_count++;
    return;
  }
  unsigned last = connection->first_due + (unsigned)connection->in_flight;
  connection->due[last % PACED_IN_FLIGHT_MAX] = number;
  send_batch(connection, 1);
}

static void receive_paced(struct connection *connection) {
  int count = receive(connection);
  int64_t now = now_ns(CLOCK_MONOTONIC);
  while (count-- > 0) {
    uint32_t number = connection->due[connection->first_due++ % PACED_IN_FLIGHT_MAX];
    latencies[number] = (float)(now - due_ns(number)) / 1000;
  }
}

// Sends heartbeats when they are due, and returns when all are answered. Heartbeats without a
// response count as bad. The thread does not sleep while heartbeats are due, since waking up would
// be part of the latency.
static void run_paced(uint32_t total) {
  struct epoll_event events[EVENTS_MAX];
  uint32_t sent = 0;
  start_ns = now_ns(CLOCK_MONOTONIC);
  int64_t end_ns = due_ns(total) + RESPONSE_MS_MAX * (NS_PER_SECOND / 1000);
  while (sent < total || unanswered_count > 0) {
    int64_t now = now_ns(CLOCK_MONOTONIC);
    if (now > end_ns) {
      bad_count += (uint64_t)unanswered_count;
      fprintf(stderr, "%lld heartbeats without a response\n", (long long)unanswered_count);
      return;
    }
    // Bounded, so that responses are received meanwhile even if the server is overloaded.
    for (int i = 0; i < EVENTS_MAX && sent < total && due_ns(sent) <= now; i++, sent++) {
      send_paced(&connections[sent % (uint32_t)connection_count], sent);
    }
    int ready = await_responses(events, sent < total ? 0 : 1);
    for (int i = 0; i < ready; i++) {
      receive_paced(events[i].data.ptr);
    }
  }
}

static int compare_floats(const void *a, const void *b) {
  float first = *(const float *)a;
  float second = *(const float *)b;
  return (first > second) - (first < second);
}

// Moves the answered ones of some latencies to the start, sorted, and returns their number.
static size_t sort_answered(float *of, size_t size) {
  size_t answered = 0;
  for (size_t i = 0; i < size; i++) {
    if (of[i] != UNANSWERED) {
      of[answered++] = of[i];
    }
  }
  qsort(of, answered, sizeof *of, compare_floats);
  return answered;
}

static double quantile(const float *sorted, size_t size, double share) {
  size_t index = (size_t)((double)size * share);
  return size == 0 ? 0 : sorted[index < size ? index : size - 1];
}

// Prints the quantiles of all latencies, and medians of those of windows of a second, which one
// pause of the machine doesn't change.
static void print_latencies(long seconds) {
  float *all = malloc(sizeof *all * (size_t)(rate * seconds));
  float *p50 = malloc(sizeof *p50 * (size_t)seconds);
  float *p99 = malloc(sizeof *p99 * (size_t)seconds);
  if (all == NULL || p50 == NULL || p99 == NULL) {
    fail("malloc");
  }
  memcpy(all, latencies, sizeof *all * (size_t)(rate * seconds));
  size_t size = sort_answered(all, (size_t)(rate * seconds));
  for (long second = 0; second < seconds; second++) {
    float *window = latencies + second * rate;
    size_t answered = sort_answered(window, (size_t)rate);
    p50[second] = (float)quantile(window, answered, 0.5);
    p99[second] = (float)quantile(window, answered, 0.99);
  }
  qsort(p50, (size_t)seconds, sizeof *p50, compare_floats);
  qsort(p99, (size_t)seconds, sizeof *p99, compare_floats);
  printf(",\"latency\":{\"p50Us\":%.1f,\"p99Us\":%.1f,\"p999Us\":%.1f,\"maxUs\":%.1f"
         ",\"windowP50Us\":%.1f,\"windowP99Us\":%.1f}",
      quantile(all, size, 0.5), quantile(all, size, 0.99), quantile(all, size, 0.999),
      quantile(all, size, 1), quantile(p50, (size_t)seconds, 0.5),
      quantile(p99, (size_t)seconds, 0.5));
}

static unsigned common_divisor(unsigned a, unsigned b) {
  return b == 0 ? a : common_divisor(b, a % b);
}

// Starts anywhere among the instances, each of which is renewed before one is again.
static void scatter_instances(void) {
  while (common_divisor(stride, target.instances) != 1) {
    stride++;
  }
  next_instance = (uint64_t)now_ns(CLOCK_REALTIME) % target.instances;
}

static void allocate_latencies(long seconds) {
  if (rate * seconds > LATENCIES_MAX) {
    reject("too many heartbeats", "RATE x SECONDS");
  }
  latencies = malloc(sizeof *latencies * (size_t)(rate * seconds));
  if (latencies == NULL) {
    fail("malloc");
  }
  for (long i = 0; i < rate * seconds; i++) {
    latencies[i] = UNANSWERED;
  }
}

// Parses the options and returns the arguments from the mode on.
static char **parse_target(int argc, char **argv) {
  for (int option; (option = getopt(argc, argv, "rx:p:")) != -1;) {
    if (option == 'r') {
      target.is_redis = true;
    } else if (option == 'x') {
      target.prefix = optarg;
    } else if (option == 'p') {
      target.measured = (pid_t)parse_number("-p", optarg, 1, INT32_MAX);
    } else {
      exit(EXIT_ERROR);
    }
  }
  if (argc - optind < 3) {
    reject("usage", "generator [-r] [-x PREFIX] [-p PID] PORT INSTANCES MODE");
  }
  if (strlen(target.prefix) > PREFIX_BYTES_MAX) {
    reject("PREFIX is too long", target.prefix);
  }
  target.port = (int)parse_number("PORT", argv[optind], 1, PORT_MAX);
  target.instances =
      (unsigned)parse_number("INSTANCES", argv[optind + 1], 1, INSTANCES_MAX);
  return argv + optind + 2;
}

static void register_all(void) {
  request = REGISTRATION;
  run_batches(REGISTERING_IN_FLIGHT, target.instances, INT64_MAX);
}

static void prepare_heartbeats(void) {
  request = HEARTBEAT;
  heartbeat = target.is_redis ? redis_heartbeat() : http_heartbeat(target.prefix);
  scatter_instances();
  greet();
}

// Runs the load of a mode on open connections and prints the result.
static void measure(enum mode mode, int in_flight, long seconds) {
  int64_t from_ns = now_ns(CLOCK_MONOTONIC);
  int64_t from_cpu_ns = measured_cpu_ns();
  if (mode == REGISTER) {
    register_all();
  } else if (mode == SATURATED) {
    run_batches(in_flight, UINT64_MAX, from_ns + seconds * NS_PER_SECOND);
  } else {
    run_paced((uint32_t)(rate * seconds));
  }
  int64_t cpu_ns = measured_cpu_ns() - from_cpu_ns;
  double elapsed = (double)(now_ns(CLOCK_MONOTONIC) - from_ns) / (double)NS_PER_SECOND;
  printf("{\"ok\":%llu,\"bad\":%llu,\"unsent\":%llu,\"seconds\":%.3f,\"cpuNs\":%lld",
      (unsigned long long)ok_count, (unsigned long long)bad_count,
      (unsigned long long)unsent_count, elapsed, (long long)cpu_ns);
  if (mode == PACED) {
    print_latencies(seconds);
  }
  printf("}\n");
}

static enum mode parse_mode(const char *name, int argument_count) {
  static const char *const names[] = {"register", "saturated", "paced"};
  for (enum mode mode = REGISTER; mode <= PACED; mode++) {
    if (strcmp(name, names[mode]) == 0 && argument_count == (mode == REGISTER ? 0 : 3)) {
      return mode;
    }
  }
  reject("no such mode, or a wrong number of arguments", name);
  return REGISTER;
}

int main(int argc, char **argv) {
  char **arguments = parse_target(argc, argv);
  enum mode mode = parse_mode(arguments[0], (int)(argv + argc - arguments) - 1);
  raise_descriptor_limit();
  if (mode == REGISTER) {
    connect_all(REGISTERING_CONNECTIONS);
    measure(mode, 0, 0);
    return bad_count == 0 ? 0 : 1;
  }
  int count = (int)parse_number("CONNECTIONS", arguments[1], 1, CONNECTIONS_MAX);
  int in_flight = 0;
  long seconds = parse_number("SECONDS", arguments[3], 1, SECONDS_MAX);
  if (mode == PACED) {
    rate = parse_number("RATE", arguments[2], 1, RATE_MAX);
    allocate_latencies(seconds);
  } else {
    in_flight = (int)parse_number("IN_FLIGHT", arguments[2], 1, IN_FLIGHT_MAX);
  }
  connect_all(count);
  prepare_heartbeats();
  measure(mode, in_flight, seconds);
  return bad_count == 0 ? 0 : 1;
}

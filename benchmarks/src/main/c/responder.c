// SPDX-License-Identifier: Apache-2.0
// The cheapest server that a heartbeat can have: one thread, epoll, and a constant response to
// every empty line. It parses nothing, so its cost is that of the kernel's sockets. A body without
// an empty line counts as the beginning of the next request line.
//
//   responder PORT [STATUS]     until killed; the status is 200 unless given

#define _GNU_SOURCE
#include "sockets.h"

enum {
  BACKLOG_MAX = 4096,
  DESCRIPTORS_MAX = 1 << 17,
  EVENTS_MAX = 1024,
  INPUT_BYTES_MAX = 1 << 16,
  RESPONSE_BYTES_MAX = 64,
  RESPONSES_MAX = INPUT_BYTES_MAX / 2, // the shortest empty line is CR LF
  STATUS_MIN = 200,
  STATUS_MAX = 599,
};

// Bytes since the last line feed of each connection, by descriptor. A lone CR makes it 1.
static size_t line_sizes[DESCRIPTORS_MAX];

// As many responses as one read can need, one after the other.
static char responses[RESPONSES_MAX * RESPONSE_BYTES_MAX];
static size_t response_size;

static void encode_responses(long status) {
  char response[RESPONSE_BYTES_MAX];
  const char *reason = status == STATUS_MIN ? "OK" : "Other";
  response_size = (size_t)snprintf(response, sizeof response,
      "HTTP/1.1 %ld %s\r\nContent-Length: 0\r\n\r\n", status, reason);
  for (size_t i = 0; i < RESPONSES_MAX; i++) {
    memcpy(responses + i * response_size, response, response_size);
  }
}

static int listen_on(int port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  int on = 1;
  struct sockaddr_in address = loopback(port);
  if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0
      || bind(listener, (struct sockaddr *)&address, sizeof address) != 0
      || listen(listener, BACKLOG_MAX) != 0) {
    fail("listen");
  }
  return listener;
}

static void accept_one(int epoll, int listener) {
  int connection = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
  if (connection < 0) {
    if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
      fail("accept");
    }
    return;
  }
  if (connection >= DESCRIPTORS_MAX) {
    close(connection);
    return;
  }
  send_without_delay(connection);
  line_sizes[connection] = 0;
  watch_input(epoll, connection, (epoll_data_t){.fd = connection});
}

// Returns the number of empty lines that end in the input.
static size_t count_empty_lines(int connection, const char *from, const char *end) {
  size_t count = 0;
  const char *feed;
  while ((feed = memchr(from, '\n', (size_t)(end - from))) != NULL) {
    if (line_sizes[connection] + (size_t)(feed - from) == 1) {
      count++;
    }
    line_sizes[connection] = 0;
    from = feed + 1;
  }
  line_sizes[connection] += (size_t)(end - from);
  return count;
}

static void respond(int connection) {
  static char input[INPUT_BYTES_MAX];
  ssize_t size = recv(connection, input, sizeof input, 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
    return;
  }
  if (size <= 0) {
    close(connection);
    return;
  }
  size_t count = count_empty_lines(connection, input, input + size);
  if (count > 0 && !write_all(connection, responses, count * response_size)) {
    close(connection);
  }
}

int main(int argc, char **argv) {
  if (argc < 2 || argc > 3) {
    reject("usage", "responder PORT [STATUS]");
  }
  int port = (int)parse_number("PORT", argv[1], 1, PORT_MAX);
  encode_responses(
      argc == 3 ? parse_number("STATUS", argv[2], STATUS_MIN, STATUS_MAX) : STATUS_MIN);
  raise_descriptor_limit();
  int listener = listen_on(port);
  int epoll = epoll_create1(0);
  if (epoll < 0) {
    fail("epoll_create1");
  }
  watch_input(epoll, listener, (epoll_data_t){.fd = listener});
  struct epoll_event events[EVENTS_MAX];
  for (;;) {
    int ready = epoll_wait(epoll, events, EVENTS_MAX, -1);
    if (ready < 0 && errno != EINTR) {
      fail("epoll_wait");
    }
    for (int i = 0; i < ready; i++) {
      if (events[i].data.fd == listener) {
        accept_one(epoll, listener);
      } else {
        respond(events[i].data.fd);
      }
    }
  }
}

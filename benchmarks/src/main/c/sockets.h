// SPDX-License-Identifier: Apache-2.0
// What both programs need: errors, arguments, and sockets that do not block.

#ifndef SYSTOLE_SOCKETS_H
#define SYSTOLE_SOCKETS_H

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  EXIT_ERROR = 2,       // wrong arguments, or a system call failed
  PORT_MAX = 65535,
  WRITE_MS_MAX = 10000, // the other side reads nothing for this time
};

// Ends the program with the reason of the last system call.
static inline void fail(const char *what) {
  perror(what);
  exit(EXIT_ERROR);
}

// Ends the program with a message.
static inline void reject(const char *message, const char *value) {
  fprintf(stderr, "%s: %s\n", message, value);
  exit(EXIT_ERROR);
}

// Returns a whole number within bounds, or ends the program.
static inline long parse_number(const char *name, const char *text, long min, long max) {
  char *end;
  errno = 0;
  long value = strtol(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || value < min || value > max) {
    fprintf(stderr, "%s: expected %ld..%ld, got %s\n", name, min, max, text);
    exit(EXIT_ERROR);
  }
  return value;
}

// Raises the limit of open descriptors to what the system grants without privileges.
static inline void raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    fail("getrlimit");
  }
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    fail("setrlimit");
  }
}

static inline struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static inline void send_without_delay(int socket) {
  int on = 1;
  if (setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
    fail("TCP_NODELAY");
  }
}

static inline void watch_input(int epoll, int socket, epoll_data_t data) {
  struct epoll_event event = {.events = EPOLLIN, .data = data};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) != 0) {
    fail("epoll_ctl");
  }
}

// Writes all bytes; waits while the socket takes none. Returns false if that fails.
static inline int write_all(int socket, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t written = send(socket, bytes, size, MSG_NOSIGNAL);
    if (written >= 0) {
      bytes += written;
      size -= (size_t)written;
    } else if (errno == EAGAIN) {
      struct pollfd writable = {.fd = socket, .events = POLLOUT};
      if (poll(&writable, 1, WRITE_MS_MAX) <= 0) {
        return 0;
      }
    } else if (errno != EINTR) {
      return 0;
    }
  }
  return 1;
}

#endif

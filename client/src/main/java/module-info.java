// SPDX-License-Identifier: Apache-2.0
/**
 * The client library. The exported packages are its public API; {@code heartbeat} and {@code net}
 * are internal.
 */
module io.systole.client {
  requires transitive io.systole.protocol;
  requires static transitive org.jspecify;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires io.netty.transport.classes.epoll;
  requires io.netty.transport.classes.io_uring;
  requires java.net.http;
  requires org.pcollections;
  requires org.slf4j;

  exports io.systole.client;
  exports io.systole.client.api;
  exports io.systole.client.mirror;
}

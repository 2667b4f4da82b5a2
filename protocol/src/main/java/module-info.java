// SPDX-License-Identifier: Apache-2.0
/**
 * The Eureka v2 protocol. Applications use the model and the clock; codecs and parsers are for the
 * client and the server of the same version.
 */
@SuppressWarnings("module") // The client is compiled after this module.
module io.systole.protocol {
  requires static transitive org.jspecify;
  requires com.ctc.wstx;
  requires java.xml;
  requires org.codehaus.stax2;
  requires tools.jackson.core;

  exports io.systole.protocol.model;
  exports io.systole.protocol.time;
  exports io.systole.protocol.codec to
      io.systole.client;
  exports io.systole.protocol.http to
      io.systole.client;
  exports io.systole.protocol.renewal to
      io.systole.client;
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.PortInfo;
import io.systole.server.net.NodeUrl;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The node's own instance, shown by its status (spec §1.9) but not registered. */
final class SelfInstance {
  static final String APP = "SYSTOLE";

  private static final Logger LOG = LoggerFactory.getLogger(SelfInstance.class);
  private static final String VIP = "systole";

  /** Eureka's defaults for ports that are not enabled. */
  private static final int NO_PLAIN_PORT = 80;

  private static final int NO_SECURE_PORT = 443;

  private SelfInstance() {}

  /**
   * Returns the instance that listens on this address. May resolve the name of the local host.
   *
   * @param prefix a base path under which the node serves the protocol
   * @param isTls whether the address is served over TLS only
   * @param nowMs epoch ms, used as the version of the document
   */
  static InstanceInfo at(InetSocketAddress address, String prefix, boolean isTls, long nowMs) {
    InetAddress reachable = reachable(address.getAddress());
    // getHostString, as getHostName may do a reverse lookup.
    String host = new InetSocketAddress(reachable, address.getPort()).getHostString();
    String root = NodeUrl.of(new InetSocketAddress(reachable, address.getPort()), isTls);
    PortInfo served = new PortInfo(address.getPort(), true);
    InstanceInfo.Builder self = InstanceInfo.builder()
        .instanceId(host + ":" + VIP + ":" + address.getPort())
        .hostName(host)
        .app(APP)
        .ipAddr(reachable.getHostAddress())
        .status(InstanceStatus.UP)
        .port(isTls ? new PortInfo(NO_PLAIN_PORT, false) : served)
        .securePort(isTls ? served : new PortInfo(NO_SECURE_PORT, false))
        .dataCenterInfo(DataCenterInfo.MY_OWN)
        .statusPageUrl(root + prefix + "/status")
        .vipAddress(VIP)
        .isCoordinatingDiscoveryServer(true)
        .lastUpdatedMs(nowMs)
        .lastDirtyMs(nowMs);
    return (isTls
            ? self.secureHealthCheckUrl(root + "/health").secureVipAddress(VIP)
            : self.healthCheckUrl(root + "/health"))
        .build();
  }

  /** Returns the address, or that of the local host for a wildcard address. */
  private static InetAddress reachable(InetAddress bound) {
    if (!bound.isAnyLocalAddress()) {
      return bound;
    }
    try {
      return InetAddress.getLocalHost();
    } catch (UnknownHostException unnamed) {
      LOG.warn("local host name has no address, status shows loopback: {}", unnamed.getMessage());
      return InetAddress.getLoopbackAddress();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.PortInfo;
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
  private static final int NO_SECURE_PORT = 443;

  private SelfInstance() {}

  /**
   * Returns the instance that listens on this address. May resolve the name of the local host.
   *
   * @param prefix a base path under which the node serves the protocol
   * @param nowMs epoch ms, used as the version of the document
   */
  static InstanceInfo at(InetSocketAddress address, String prefix, long nowMs) {
    InetAddress reachable = reachable(address.getAddress());
    // getHostString, as getHostName may do a reverse lookup.
    String host = new InetSocketAddress(reachable, address.getPort()).getHostString();
    String root =
        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    return InstanceInfo.builder()
        .instanceId(host + ":" + VIP + ":" + address.getPort())
        .hostName(host)
        .app(APP)
        .ipAddr(reachable.getHostAddress())
        .status(InstanceStatus.UP)
        .port(new PortInfo(address.getPort(), true))
        .securePort(new PortInfo(NO_SECURE_PORT, false))
        .dataCenterInfo(DataCenterInfo.MY_OWN)
        .statusPageUrl(root + prefix + "/status")
        .healthCheckUrl(root + "/health")
        .vipAddress(VIP)
        .isCoordinatingDiscoveryServer(true)
        .lastUpdatedMs(nowMs)
        .lastDirtyMs(nowMs)
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

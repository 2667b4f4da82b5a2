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

/** The node as an instance, as its status shows it (spec §1.9). It is not registered. */
final class SelfInstance {
  static final String APP = "SYSTOLE";

  private static final Logger LOG = LoggerFactory.getLogger(SelfInstance.class);
  private static final String VIP = "systole";
  private static final int NO_SECURE_PORT = 443;

  private SelfInstance() {}

  /**
   * The instance that listens on this address. May ask the system for the machine's own name.
   *
   * @param prefix a base path under which the node serves the protocol
   * @param nowMs epoch ms, stands for the version of the document
   */
  static InstanceInfo at(InetSocketAddress address, String prefix, long nowMs) {
    InetAddress reachable = reachable(address.getAddress());
    // Not the host name: that would ask the network who the address is.
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

  /** The address itself, or the machine's when it stands for all of them. */
  private static InetAddress reachable(InetAddress bound) {
    if (!bound.isAnyLocalAddress()) {
      return bound;
    }
    try {
      return InetAddress.getLocalHost();
    } catch (UnknownHostException unnamed) {
      LOG.warn(
          "the machine's name has no address, the status shows loopback: {}", unnamed.getMessage());
      return InetAddress.getLoopbackAddress();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import com.netflix.appinfo.AmazonInfo;
import com.netflix.appinfo.DataCenterInfo.Name;
import com.netflix.appinfo.InstanceInfo.ActionType;
import com.netflix.appinfo.InstanceInfo.InstanceStatus;
import com.netflix.appinfo.InstanceInfo.PortType;
import com.netflix.appinfo.InstanceInfo.PortWrapper;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.LeaseInfo;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Converts our values to Netflix's, and both to maps of member values by the names of spec §6.1.
 */
final class NetflixInstances {
  /** Netflix's value of an absent {@code sid}, which its documents omit. */
  private static final String NO_SID = "na";

  private NetflixInstances() {}

  /** Returns the members of our instance; absent ones have Netflix's values. */
  static Map<String, @Nullable Object> members(InstanceInfo instance) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("instanceId", instance.instanceId());
    members.put("hostName", instance.hostName());
    members.put("app", instance.app());
    members.put("ipAddr", instance.ipAddr());
    members.put("sid", instance.sid() == null ? NO_SID : instance.sid());
    members.put("status", instance.status().name());
    members.put("overriddenStatus", instance.overriddenStatus().name());
    members.put("port", instance.port().port());
    members.put("port@enabled", instance.port().isEnabled());
    members.put("securePort", instance.securePort().port());
    members.put("securePort@enabled", instance.securePort().isEnabled());
    members.put("countryId", instance.countryId());
    DataCenterInfo dataCenter = instance.dataCenterInfo();
    members.put("dataCenterInfo", dataCenter == null ? null : dataCenter.name());
    members.put(
        "dataCenterInfo.metadata",
        dataCenter == null || !dataCenter.isAmazon() ? null : Map.copyOf(dataCenter.metadata()));
    putLease(instance.leaseInfo(), members);
    members.put("metadata", Map.copyOf(instance.metadata()));
    members.put("appGroupName", instance.appGroupName());
    members.put("homePageUrl", instance.homePageUrl());
    members.put("statusPageUrl", instance.statusPageUrl());
    members.put("healthCheckUrl", instance.healthCheckUrl());
    members.put("secureHealthCheckUrl", instance.secureHealthCheckUrl());
    members.put("vipAddress", instance.vipAddress());
    members.put("secureVipAddress", instance.secureVipAddress());
    members.put("isCoordinatingDiscoveryServer", instance.isCoordinatingDiscoveryServer());
    members.put("lastUpdatedTimestamp", instance.lastUpdatedMs());
    members.put("lastDirtyTimestamp", instance.lastDirtyMs());
    members.put("actionType", Objects.toString(instance.actionType(), null));
    members.put("asgName", instance.asgName());
    return members;
  }

  private static void putLease(LeaseInfo lease, Map<String, @Nullable Object> members) {
    members.put("renewalIntervalInSecs", lease.renewalIntervalSecs());
    members.put("durationInSecs", lease.durationSecs());
    members.put("registrationTimestamp", lease.registrationMs());
    members.put("lastRenewalTimestamp", lease.lastRenewalMs());
    members.put("evictionTimestamp", lease.evictionMs());
    members.put("serviceUpTimestamp", lease.serviceUpMs());
  }

  /** Returns the members of Netflix's instance. */
  @SuppressWarnings("deprecation")
  static Map<String, @Nullable Object> members(com.netflix.appinfo.InstanceInfo instance) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("instanceId", instance.getInstanceId());
    members.put("hostName", instance.getHostName());
    members.put("app", instance.getAppName());
    members.put("ipAddr", instance.getIPAddr());
    members.put("sid", instance.getSID());
    members.put("status", Objects.toString(instance.getStatus(), null));
    members.put("overriddenStatus", Objects.toString(instance.getOverriddenStatus(), null));
    members.put("port", instance.getPort());
    members.put("port@enabled", instance.isPortEnabled(PortType.UNSECURE));
    members.put("securePort", instance.getSecurePort());
    members.put("securePort@enabled", instance.isPortEnabled(PortType.SECURE));
    members.put("countryId", instance.getCountryId());
    var dataCenter = instance.getDataCenterInfo();
    members.put(
        "dataCenterInfo", dataCenter == null ? null : dataCenter.getName().name());
    members.put(
        "dataCenterInfo.metadata",
        dataCenter instanceof AmazonInfo amazon ? Map.copyOf(amazon.getMetadata()) : null);
    putLease(instance.getLeaseInfo(), members);
    members.put("metadata", Map.copyOf(instance.getMetadata()));
    members.put("appGroupName", instance.getAppGroupName());
    members.put("homePageUrl", instance.getHomePageUrl());
    members.put("statusPageUrl", instance.getStatusPageUrl());
    members.put("healthCheckUrl", instance.getHealthCheckUrl());
    members.put("secureHealthCheckUrl", instance.getSecureHealthCheckUrl());
    members.put("vipAddress", instance.getVIPAddress());
    members.put("secureVipAddress", instance.getSecureVipAddress());
    members.put("isCoordinatingDiscoveryServer", instance.isCoordinatingDiscoveryServer());
    members.put("lastUpdatedTimestamp", instance.getLastUpdatedTimestamp());
    members.put("lastDirtyTimestamp", instance.getLastDirtyTimestamp());
    members.put("actionType", Objects.toString(instance.getActionType(), null));
    members.put("asgName", instance.getASGName());
    return members;
  }

  private static void putLease(
      com.netflix.appinfo.@Nullable LeaseInfo lease, Map<String, @Nullable Object> members) {
    if (lease != null) {
      members.put("renewalIntervalInSecs", lease.getRenewalIntervalInSecs());
      members.put("durationInSecs", lease.getDurationInSecs());
      members.put("registrationTimestamp", lease.getRegistrationTimestamp());
      members.put("lastRenewalTimestamp", lease.getRenewalTimestamp());
      members.put("evictionTimestamp", lease.getEvictionTimestamp());
      members.put("serviceUpTimestamp", lease.getServiceUpTimestamp());
    }
  }

  /** Converts our instance to Netflix's; a default lease is left out. */
  static com.netflix.appinfo.InstanceInfo theirs(InstanceInfo ours) {
    return new com.netflix.appinfo.InstanceInfo(
        ours.instanceId(),
        ours.app(),
        ours.appGroupName(),
        ours.ipAddr(),
        ours.sid(),
        new PortWrapper(ours.port().isEnabled(), ours.port().port()),
        new PortWrapper(ours.securePort().isEnabled(), ours.securePort().port()),
        ours.homePageUrl(),
        ours.statusPageUrl(),
        ours.healthCheckUrl(),
        ours.secureHealthCheckUrl(),
        ours.vipAddress(),
        ours.secureVipAddress(),
        ours.countryId(),
        theirs(ours.dataCenterInfo()),
        ours.hostName(),
        InstanceStatus.valueOf(ours.status().name()),
        InstanceStatus.valueOf(ours.overriddenStatus().name()),
        null,
        theirs(ours.leaseInfo()),
        ours.isCoordinatingDiscoveryServer(),
        new HashMap<>(ours.metadata()),
        ours.lastUpdatedMs(),
        ours.lastDirtyMs(),
        ours.actionType() == null ? null : ActionType.valueOf(ours.actionType().name()),
        ours.asgName());
  }

  private static com.netflix.appinfo.@Nullable DataCenterInfo theirs(
      @Nullable DataCenterInfo dataCenter) {
    if (dataCenter == null) {
      return null;
    }
    String name = Objects.requireNonNull(dataCenter.name());
    return dataCenter.isAmazon()
        ? new AmazonInfo(name, new HashMap<>(dataCenter.metadata()))
        : new com.netflix.appinfo.MyDataCenterInfo(Name.valueOf(name));
  }

  private static com.netflix.appinfo.@Nullable LeaseInfo theirs(LeaseInfo lease) {
    return lease.equals(LeaseInfo.DEFAULT)
        ? null
        : new com.netflix.appinfo.LeaseInfo(
            lease.renewalIntervalSecs(),
            lease.durationSecs(),
            lease.registrationMs(),
            lease.lastRenewalMs(),
            0,
            lease.evictionMs(),
            lease.serviceUpMs());
  }

  static com.netflix.discovery.shared.Application theirs(Application ours) {
    return new com.netflix.discovery.shared.Application(
        ours.name(), ours.instances().stream().map(NetflixInstances::theirs).toList());
  }

  static com.netflix.discovery.shared.Applications theirs(Applications ours) {
    return new com.netflix.discovery.shared.Applications(
        ours.appsHashCode(),
        Long.valueOf(ours.version()),
        ours.applications().stream().map(NetflixInstances::theirs).toList());
  }
}

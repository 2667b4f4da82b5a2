// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import com.netflix.appinfo.ApplicationInfoManager;
import com.netflix.appinfo.InstanceInfo;
import com.netflix.appinfo.LeaseInfo;
import com.netflix.appinfo.MyDataCenterInstanceConfig;
import com.netflix.discovery.DefaultEurekaClientConfig;
import com.netflix.discovery.shared.Application;
import com.netflix.eureka.DefaultEurekaServerConfig;
import com.netflix.eureka.registry.AbstractInstanceRegistry;
import com.netflix.eureka.registry.Key;
import com.netflix.eureka.registry.ResponseCache;
import com.netflix.eureka.registry.rule.DownOrStartingRule;
import com.netflix.eureka.registry.rule.FirstMatchWinsCompositeRule;
import com.netflix.eureka.registry.rule.InstanceStatusOverrideRule;
import com.netflix.eureka.registry.rule.LeaseExistsRule;
import com.netflix.eureka.registry.rule.OverrideExistsRule;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The registry code of Netflix without its container: its base class, its default configuration,
 * its rules for a server outside AWS. Excluded are the response cache, which a renewal does not
 * use, and peers. Evicts only when {@link #evict} is called, since the timer belongs to the server.
 */
public final class NetflixRegistry extends AbstractInstanceRegistry {
  private static final int DURATION_S = 90;

  private final InstanceStatusOverrideRule rule = new FirstMatchWinsCompositeRule(
      new DownOrStartingRule(),
      new OverrideExistsRule(overriddenInstanceStatusMap),
      new LeaseExistsRule());

  private NetflixRegistry() {
    // Codecs encode responses and the client factory connects to peers: neither is used.
    super(new DefaultEurekaServerConfig(), new DefaultEurekaClientConfig(), null, null);
    responseCache = new NoCache();
  }

  /**
   * Creates an empty registry. Its counters require the singleton {@link ApplicationInfoManager} to
   * be initialized.
   */
  @SuppressWarnings("deprecation") // a singleton that the counters read
  public static NetflixRegistry create() {
    if (ApplicationInfoManager.getInstance().getInfo() == null) {
      ApplicationInfoManager.getInstance().initComponent(new MyDataCenterInstanceConfig());
    }
    return new NetflixRegistry();
  }

  /**
   * Registers an instance with status UP.
   *
   * @param app application name, upper case
   * @param id instance id
   * @param dirtyTimestampMs version of the document, set by the instance, epoch ms
   */
  public void register(String app, String id, long dirtyTimestampMs) {
    InstanceInfo instance = InstanceInfo.Builder.newBuilder()
        .setInstanceId(id)
        .setAppName(app)
        .setHostName(id)
        .setIPAddr("10.0.0.1")
        .setPort(8080)
        .setVIPAddress(app)
        .setStatus(InstanceInfo.InstanceStatus.UP)
        .setLeaseInfo(
            LeaseInfo.Builder.newBuilder().setDurationInSecs(DURATION_S).build())
        .setLastDirtyTimestamp(dirtyTimestampMs)
        .build();
    register(instance, DURATION_S, false);
  }

  @Override
  protected InstanceStatusOverrideRule getInstanceInfoOverrideRule() {
    return rule;
  }

  @Override
  public void openForTraffic(ApplicationInfoManager manager, int count) {
    throw new UnsupportedOperationException("a registry without its server receives no traffic");
  }

  @Override
  public List<Application> getSortedApplications() {
    return List.copyOf(getApplications().getRegisteredApplications());
  }

  @Override
  public int isBelowRenewThresold() {
    return 0;
  }

  @Override
  public boolean isLeaseExpirationEnabled() {
    return true;
  }

  @Override
  public boolean isSelfPreservationModeEnabled() {
    return true;
  }

  @Override
  public InstanceInfo getNextServerFromEureka(String virtualHostname, boolean secure) {
    throw new UnsupportedOperationException("a registry without its server selects no instance");
  }

  /** A response cache that is always empty. */
  private static final class NoCache implements ResponseCache {
    private final AtomicLong version = new AtomicLong();

    @Override
    public void invalidate(String appName, String vipAddress, String secureVipAddress) {}

    @Override
    public AtomicLong getVersionDelta() {
      return version;
    }

    @Override
    public AtomicLong getVersionDeltaWithRegions() {
      return version;
    }

    @Override
    public String get(Key key) {
      throw new UnsupportedOperationException("nothing is cached");
    }

    @Override
    public byte[] getGZIP(Key key) {
      throw new UnsupportedOperationException("nothing is cached");
    }

    @Override
    public void stop() {}
  }
}

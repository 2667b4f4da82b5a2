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
 * Netflix's own registry code, driven without its container: their base class, their default
 * configuration, their rules for a server outside AWS. Left out are the cache of answers, which a
 * renewal does not touch, and peers, of which there are none. Evicts only when {@link #evict} is
 * called: the timer of their server is left out.
 */
public final class NetflixRegistry extends AbstractInstanceRegistry {
  private static final int DURATION_S = 90;

  private final InstanceStatusOverrideRule rule = new FirstMatchWinsCompositeRule(
      new DownOrStartingRule(),
      new OverrideExistsRule(overriddenInstanceStatusMap),
      new LeaseExistsRule());

  private NetflixRegistry() {
    // Codecs encode answers and the client factory reaches peers: neither is ever asked.
    super(new DefaultEurekaServerConfig(), new DefaultEurekaClientConfig(), null, null);
    responseCache = new NoCache();
  }

  /** An empty registry. Its counters need to be told first which instance they belong to. */
  @SuppressWarnings("deprecation") // their own singleton, which their counters read
  public static NetflixRegistry create() {
    if (ApplicationInfoManager.getInstance().getInfo() == null) {
      ApplicationInfoManager.getInstance().initComponent(new MyDataCenterInstanceConfig());
    }
    return new NetflixRegistry();
  }

  /**
   * Registers an instance that is up, by way of their own registration.
   *
   * @param app application name, upper case
   * @param id instance id
   * @param dirtyTimestampMs the instance's own version of its document, epoch ms
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
    throw new UnsupportedOperationException("no traffic reaches a registry without its server");
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
    throw new UnsupportedOperationException("a registry without its server chooses no instance");
  }

  /** Registration tells the cache of answers what changed; here nothing is cached. */
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

// SPDX-License-Identifier: Apache-2.0
import com.netflix.appinfo.ApplicationInfoManager;
import com.netflix.discovery.DefaultEurekaClientConfig;
import com.netflix.discovery.DiscoveryClient;
import java.io.IOException;

/** Netflix's client of the 1.x line. */
final class Jersey1Client {
  private Jersey1Client() {}

  public static void main(String[] arguments) throws IOException {
    ApplicationInfoManager manager = NetflixLifecycle.instance(arguments);
    NetflixLifecycle.run(manager, new DiscoveryClient(manager, new DefaultEurekaClientConfig()));
  }
}

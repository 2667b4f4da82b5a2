// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.Extension;
import org.slf4j.LoggerFactory;

/**
 * Process-wide defaults of all tests of a module, set before the first one. Registered by a service
 * file.
 *
 * <p>Awaitility checks a condition at once and then often, and a slow machine has time to fulfil
 * it. SLF4J is initialized, since concurrent users would get substitute loggers meanwhile.
 */
public final class TestDefaults implements Extension {
  static {
    Awaitility.setDefaultPollDelay(Duration.ZERO);
    Awaitility.setDefaultPollInterval(Duration.ofMillis(5));
    Awaitility.setDefaultTimeout(Duration.ofSeconds(30));
    var unused = LoggerFactory.getILoggerFactory();
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.systole.server.management.LogLevelEndpoint;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The levels of the log, if its implementation is the one that comes with the node. */
final class LogLevels implements LogLevelEndpoint.Levels {
  /** Sets the level of all loggers without one of their own. */
  static void setRoot(String level) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.toLevel(level));
    }
  }

  @Override
  public String rootLevel() {
    return LoggerFactory.getILoggerFactory() instanceof LoggerContext context
        ? context.getLogger(Logger.ROOT_LOGGER_NAME).getLevel().toString()
        : "UNKNOWN";
  }

  @Override
  public Map<String, String> ownLevels() {
    Map<String, String> levels = new TreeMap<>();
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.getLoggerList().stream()
          .filter(logger -> logger.getLevel() != null)
          .filter(logger -> !logger.getName().equals(Logger.ROOT_LOGGER_NAME))
          .forEach(logger -> levels.put(logger.getName(), logger.getLevel().toString()));
    }
    return levels;
  }

  @Override
  public void set(String level) {
    setRoot(level);
  }

  @Override
  public boolean set(String logger, String level) {
    // Only loggers that exist: the context never releases one.
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context
        && context.exists(logger) != null) {
      context.getLogger(logger).setLevel(Level.toLevel(level.toUpperCase(Locale.ROOT)));
      return true;
    }
    return false;
  }
}

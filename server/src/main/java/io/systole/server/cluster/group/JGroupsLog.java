// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import java.util.IllegalFormatException;
import java.util.Locale;
import org.jgroups.logging.CustomLogFactory;
import org.jgroups.logging.Log;
import org.jgroups.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A logger of JGroups that writes to the log of the node. Errors and warnings become INFO, since
 * JGroups retries what it reports; lower levels become DEBUG. Each kind of line is logged once a
 * minute, since other hosts can cause it. Stack traces are logged at DEBUG only.
 */
final class JGroupsLog implements Log {
  private final Logger logger;
  private final LogLimit limit = new LogLimit(System::nanoTime);

  JGroupsLog(Logger logger) {
    this.logger = logger;
  }

  /** Makes JGroups use this class, for loggers that it creates from now on. */
  static void install() {
    LogFactory.setCustomLogFactory(new CustomLogFactory() {
      @Override
      public Log getLog(Class<?> type) {
        return new JGroupsLog(LoggerFactory.getLogger(type));
      }

      @Override
      public Log getLog(String category) {
        return new JGroupsLog(LoggerFactory.getLogger(category));
      }
    });
  }

  private void log(Level level, String format, @Nullable Throwable failure, Object... values) {
    if (!logger.isEnabledForLevel(level)) {
      return;
    }
    if (level.toInt() > Level.DEBUG.toInt() && !limit.admits(format)) {
      return;
    }
    String text = text(format, values);
    if (failure == null) {
      logger.atLevel(level).log(text);
    } else if (logger.isDebugEnabled()) {
      logger.atLevel(level).setCause(failure).log(text);
    } else {
      logger.atLevel(level).log(text + ": " + failure);
    }
  }

  private static String text(String format, Object... values) {
    if (values.length == 0) {
      return format;
    }
    try {
      return String.format(Locale.ROOT, format, values);
    } catch (IllegalFormatException malformed) {
      return format;
    }
  }

  @Override
  public boolean isFatalEnabled() {
    return logger.isWarnEnabled();
  }

  @Override
  public boolean isErrorEnabled() {
    return logger.isInfoEnabled();
  }

  @Override
  public boolean isWarnEnabled() {
    return logger.isInfoEnabled();
  }

  @Override
  public boolean isInfoEnabled() {
    return logger.isDebugEnabled();
  }

  @Override
  public boolean isDebugEnabled() {
    return logger.isDebugEnabled();
  }

  @Override
  public boolean isTraceEnabled() {
    return logger.isTraceEnabled();
  }

  @Override
  public void fatal(String text) {
    log(Level.WARN, text, null);
  }

  @Override
  public void fatal(String format, Object... values) {
    log(Level.WARN, format, null, values);
  }

  @Override
  public void fatal(String text, Throwable failure) {
    log(Level.WARN, text, failure);
  }

  @Override
  public void error(String text) {
    log(Level.INFO, text, null);
  }

  @Override
  public void error(String format, Object... values) {
    log(Level.INFO, format, null, values);
  }

  @Override
  public void error(String text, Throwable failure) {
    log(Level.INFO, text, failure);
  }

  @Override
  public void warn(String text) {
    log(Level.INFO, text, null);
  }

  @Override
  public void warn(String format, Object... values) {
    log(Level.INFO, format, null, values);
  }

  @Override
  public void warn(String text, Throwable failure) {
    log(Level.INFO, text, failure);
  }

  @Override
  public void info(String text) {
    log(Level.DEBUG, text, null);
  }

  @Override
  public void info(String format, Object... values) {
    log(Level.DEBUG, format, null, values);
  }

  @Override
  public void debug(String text) {
    log(Level.DEBUG, text, null);
  }

  @Override
  public void debug(String format, Object... values) {
    log(Level.DEBUG, format, null, values);
  }

  @Override
  public void debug(String text, Throwable failure) {
    log(Level.DEBUG, text, failure);
  }

  @Override
  public void trace(Object value) {
    log(Level.TRACE, String.valueOf(value), null);
  }

  @Override
  public void trace(String text) {
    log(Level.TRACE, text, null);
  }

  @Override
  public void trace(String format, Object... values) {
    log(Level.TRACE, format, null, values);
  }

  @Override
  public void trace(String text, Throwable failure) {
    log(Level.TRACE, text, failure);
  }

  /** Does nothing: levels are those of the node's log. */
  @Override
  public void setLevel(String level) {}

  @Override
  public String getLevel() {
    return logger.isTraceEnabled() ? "trace" : logger.isDebugEnabled() ? "debug" : "warn";
  }
}

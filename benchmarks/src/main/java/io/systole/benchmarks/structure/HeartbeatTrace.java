// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.structure;

import com.sun.jdi.AbsentInformationException;
import com.sun.jdi.Bootstrap;
import com.sun.jdi.IncompatibleThreadStateException;
import com.sun.jdi.StackFrame;
import com.sun.jdi.ThreadReference;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.IllegalConnectorArgumentsException;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.event.MethodEntryEvent;
import com.sun.jdi.request.EventRequest;
import com.sun.jdi.request.MethodEntryRequest;
import io.systole.benchmarks.readcost.BlockingHttpConnection;
import io.systole.benchmarks.readcost.DataSet;
import io.systole.benchmarks.servers.RunningServer;
import io.systole.benchmarks.servers.ServerUnderTest;
import io.systole.benchmarks.servers.ServerUnderTest.LaunchOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The source files that one heartbeat enters in a running server. A debugger records every method
 * of Systole that the event loop of the connection enters between the arrival of the heartbeat and
 * its response, except in scheduled tasks. Accessors and constructors count as methods. The
 * connection has sent {@value #WARM_UP_HEARTBEATS} heartbeats before, so classes are initialized
 * and the header block is remembered. Of {@value #TRACED_HEARTBEATS} heartbeats, the one with the
 * fewest files counts: the others include work of once a second or of sampled renewals.
 */
final class HeartbeatTrace {
  private static final int WARM_UP_HEARTBEATS = 1_000;
  private static final int TRACED_HEARTBEATS = 5;
  private static final long QUIET_MS = 500;
  private static final long TRACE_NS_MAX = TimeUnit.SECONDS.toNanos(20);
  private static final DataSet ONE_INSTANCE = new DataSet(1, 1);

  /** An entered method: its thread, source file, and the kind of its callers. */
  private record Entry(ThreadReference thread, String file, boolean isRead, boolean isScheduled) {}

  private HeartbeatTrace() {}

  /**
   * Starts the server of a checkout and traces a heartbeat.
   *
   * @param directory of the server's log
   * @return paths below the source directories, in the order of entry
   */
  static Set<String> enteredFiles(Path checkout, Path directory)
      throws IOException, InterruptedException {
    int debugPort = RunningServer.freePort();
    LaunchOptions options = new LaunchOptions(
        List.of(
            "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:" + debugPort),
        0);
    ServerUnderTest systole = ServerUnderTest.SYSTOLE;
    byte[] heartbeat = ONE_INSTANCE.heartbeat(systole.prefix(), 0, 0);
    try (RunningServer server = RunningServer.start(
            port -> systole.command(checkout, port, options), directory.resolve("server.log"));
        BlockingHttpConnection connection = new BlockingHttpConnection(server.port())) {
      connection.exchange(ONE_INSTANCE.registration(systole.prefix(), 0, 0), 204);
      for (int i = 0; i < WARM_UP_HEARTBEATS; i++) {
        connection.exchange(heartbeat, 200);
      }
      VirtualMachine debugged = attach(debugPort);
      try {
        MethodEntryRequest request = debugged.eventRequestManager().createMethodEntryRequest();
        request.addClassFilter("io.systole.*");
        request.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
        request.enable();
        List<Set<String>> traces = new ArrayList<>();
        for (int i = 0; i < TRACED_HEARTBEATS; i++) {
          connection.send(heartbeat, 0, heartbeat.length);
          traces.add(filesOfRead(entries(debugged)));
          connection.receive(200);
        }
        return Collections.min(traces, Comparator.comparingInt(Set::size));
      } finally {
        debugged.dispose();
      }
    }
  }

  private static VirtualMachine attach(int port) throws IOException {
    AttachingConnector connector = Bootstrap.virtualMachineManager().attachingConnectors().stream()
        .filter(any -> any.name().equals("com.sun.jdi.SocketAttach"))
        .findFirst()
        .orElseThrow();
    Map<String, Connector.Argument> arguments = connector.defaultArguments();
    Objects.requireNonNull(arguments.get("hostname")).setValue("127.0.0.1");
    Objects.requireNonNull(arguments.get("port")).setValue(Integer.toString(port));
    try {
      return connector.attach(arguments);
    } catch (IllegalConnectorArgumentsException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the methods entered until none has been entered for {@value #QUIET_MS} ms. */
  private static List<Entry> entries(VirtualMachine debugged) throws InterruptedException {
    List<Entry> entries = new ArrayList<>();
    long startNs = System.nanoTime();
    while (System.nanoTime() - startNs < TRACE_NS_MAX) {
      @Nullable EventSet events = debugged.eventQueue().remove(QUIET_MS);
      if (events == null) {
        break;
      }
      for (Event event : events) {
        // The class of a lambda is hidden. Its body is a method of the class that declares it.
        if (event instanceof MethodEntryEvent entered
            && !entered.location().declaringType().name().contains("/")) {
          entries.add(entry(entered));
        }
      }
      events.resume();
    }
    return entries;
  }

  private static Entry entry(MethodEntryEvent entered) {
    try {
      boolean isRead = false;
      boolean isScheduled = false;
      for (StackFrame frame : entered.thread().frames()) {
        String type = frame.location().declaringType().name();
        String method = frame.location().method().name();
        isRead |= type.equals("io.netty.channel.DefaultChannelPipeline")
            && method.startsWith("fireChannelRead");
        isScheduled |= type.equals("io.netty.util.concurrent.ScheduledFutureTask");
      }
      return new Entry(entered.thread(), entered.location().sourcePath(), isRead, isScheduled);
    } catch (IncompatibleThreadStateException | AbsentInformationException e) {
      throw new IllegalStateException("cannot read the stack of " + entered, e);
    }
  }

  private static Set<String> filesOfRead(List<Entry> entries) throws IOException {
    ThreadReference thread = entries.stream()
        .filter(Entry::isRead)
        .findFirst()
        .orElseThrow(() -> new IOException("no heartbeat was traced"))
        .thread();
    Set<String> files = new LinkedHashSet<>();
    for (Entry entry : entries) {
      if (entry.thread().equals(thread) && !entry.isScheduled()) {
        files.add(entry.file());
      }
    }
    return files;
  }
}

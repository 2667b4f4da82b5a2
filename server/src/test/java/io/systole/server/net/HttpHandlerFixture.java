// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.ScheduledFuture;
import io.systole.protocol.http.HttpMethod;
import io.systole.server.auth.Role;
import io.systole.server.config.ConfigParser;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.RequestClass;
import io.systole.server.net.Quotas.Quota;
import io.systole.server.route.HeartbeatMatcher;
import io.systole.server.route.HeartbeatMatcher.HeartbeatHandler;
import io.systole.server.route.HeartbeatMatcher.HeartbeatRequest;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseBody;
import io.systole.server.route.ResponseCallback;
import io.systole.server.route.Route;
import io.systole.server.route.Router;
import io.systole.server.route.SourceAddress;
import io.systole.server.time.ManualClock;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * The environment of a handler without a socket: clock, loop, routes, and a log of the calls.
 * Responses of workers reach the loop only through {@link #runNextTask}.
 */
final class HttpHandlerFixture implements AutoCloseable {
  static final String HOST = "Host: a\r\n\r\n";

  /** Longer than a body that is copied behind its head. */
  static final String BIG_BODY = "0123456789".repeat(2_000);

  private static final int PERMITS = 1_000_000;

  /** The heartbeats of a batch; fewer than tests send at once. */
  static final int HEARTBEATS_MAX = 16;

  /** A heartbeat of this instance fails when it is added to the batch. */
  static final String BROKEN_ID = "broken";

  /** The loop of the thread that created the fixture: it queues tasks, and the test runs them. */
  private static final class HandedLoop extends DefaultEventLoop {
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final Thread owner = Thread.currentThread();
    private volatile boolean isStopped;

    @Override
    public boolean inEventLoop(Thread thread) {
      return thread == owner;
    }

    /** Queues a task without delay; the returned future is unrelated. */
    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      if (delay > 0) {
        throw new IllegalArgumentException("tests advance the clock: delay=" + delay);
      }
      tasks.add(task);
      return super.schedule(() -> {}, 1, TimeUnit.DAYS);
    }

    @Override
    public void execute(Runnable task) {
      if (isStopped) {
        throw new RejectedExecutionException("stopped by a test");
      }
      tasks.add(task);
    }
  }

  final ManualClock clock = new ManualClock();
  final Counters counters = new Counters();
  final NetSettings settings;
  final Quotas quotas;
  final Quota quota;
  final WorkerPool workers;
  final LoopContext context;

  /** One line per call of an endpoint or of the heartbeat handler, except the slow endpoint. */
  final List<String> calls = Collections.synchronizedList(new ArrayList<>());

  /** The responses of {@code /body/<name>}. */
  final Map<String, ResponseBody> bodies = new HashMap<>();

  /** The pending callbacks of {@code /late/<name>}. */
  final Map<String, ResponseCallback> pendingCallbacks = new HashMap<>();

  /** Worker requests acquire a permit before they respond. */
  final Semaphore workerPermits = new Semaphore(PERMITS);

  private final HandedLoop loop = new HandedLoop();
  private final RequestDispatcher dispatcher;
  private final List<EmbeddedConnection> connections = new ArrayList<>();

  HttpHandlerFixture() {
    this(Map.of());
  }

  /** @param flags as on a command line */
  HttpHandlerFixture(Map<String, String> flags) {
    this(ConfigParser.read(flags, Map.of()).net());
  }

  HttpHandlerFixture(NetSettings settings) {
    this.settings = settings;
    quotas = Quotas.of(settings);
    quota = quotas.bodyBytes();
    workers = new WorkerPool(settings.workers(), settings.workQueueMax());
    context = new LoopContext(
        loop, clock, new Heartbeats(), workers::queued, settings::credentialRateMax);
    AccessPolicy access = new AccessPolicy(settings.allowedHosts(), settings.allowedPeers());
    dispatcher = new RequestDispatcher(
        new HeartbeatMatcher(List.of("/v2")),
        routes(),
        workers,
        quotas,
        () -> access,
        counters,
        null);
  }

  /** Returns settings with these values for what has no option. */
  static NetSettings settings(
      Map<String, String> flags, int pendingResponsesMax, int workQueueMax) {
    NetSettings net = ConfigParser.read(flags, Map.of()).net();
    return new NetSettings(
        net.bind(),
        net.port(),
        net.loops(),
        net.transport(),
        net.connectionsMax(),
        net.http(),
        net.bodyBytesMax(),
        net.bodiesBytesMax(),
        net.idleTimeoutMs(),
        net.requestTimeoutMs(),
        net.writeTimeoutMs(),
        net.responseTimeoutMs(),
        net.longResponsesMax(),
        net.streamsMax(),
        pendingResponsesMax,
        net.writeBufferBytesMax(),
        net.unsentBytesMax(),
        net.sourceShare(),
        net.credentialRateMax(),
        net.allowedHosts(),
        net.allowedPeers(),
        net.management(),
        net.workers(),
        workQueueMax);
  }

  private Router routes() {
    String instance = "/v2/apps/{app}/{id}";
    return Router.builder()
        .add(HttpMethod.PUT, instance, Route.heartbeat(this::renew))
        .add(HttpMethod.GET, instance, Route.onEventLoop(HttpHandlerFixture::instance))
        .add(HttpMethod.POST, "/v2/apps/{app}", Route.onEventLoopWithBody(this::register))
        .add(
            HttpMethod.POST,
            "/registrations/{app}",
            Role.REGISTER,
            RequestClass.REGISTRATION,
            Route.onEventLoopWithBody(this::register))
        .add(
            HttpMethod.GET,
            "/delta",
            Role.READ,
            RequestClass.DELTA,
            Route.onEventLoop(request -> Response.text(200, "delta")))
        .add(
            HttpMethod.GET,
            "/full",
            Role.READ,
            RequestClass.FULL_FETCH,
            Route.onEventLoop(request -> Response.text(200, "full")))
        .add(HttpMethod.POST, "/v2/renewals", Route.heartbeats(this::renewMany))
        .add(HttpMethod.POST, "/echo", Route.onEventLoopWithBody(HttpHandlerFixture::echo))
        .add(HttpMethod.POST, "/sized", Route.sized(this::sized))
        .add(HttpMethod.GET, "/big", Route.onEventLoop(request -> Response.text(200, BIG_BODY)))
        .add(HttpMethod.GET, "/slow/{name}", Route.onWorker(this::slow))
        .add(HttpMethod.GET, "/body/{name}", Route.onEventLoop(this::body))
        .add(HttpMethod.GET, "/late/{name}", Route.async(this::wait))
        .add(HttpMethod.GET, "/broken-late", Route.async((request, callback) -> fail(request)))
        .add(HttpMethod.GET, "/broken", Route.onEventLoop(HttpHandlerFixture::fail))
        .add(HttpMethod.GET, "/broken-slow", Route.onWorker(HttpHandlerFixture::throwError))
        .build();
  }

  /** Logs the heartbeats of a batch when they are renewed. */
  private final class Heartbeats implements HeartbeatHandler {
    private final List<IntSupplier> added = new ArrayList<>();
    private List<Integer> statuses = List.of();

    @Override
    public int batchSizeMax() {
      return HEARTBEATS_MAX;
    }

    /** Counts a heartbeat that fails, as the batch of the registry does. */
    @Override
    public void add(HeartbeatRequest heartbeat) {
      added.add(() -> 500);
      added.set(added.size() - 1, renewalOf(heartbeat));
    }

    @Override
    public void renew(long nowNs) {
      statuses = added.stream().map(IntSupplier::getAsInt).toList();
      added.clear();
    }

    @Override
    public int status(int index) {
      return statuses.get(index);
    }

    @Override
    public void clear() {
      added.clear();
    }
  }

  private IntSupplier renewalOf(HeartbeatRequest target) {
    String key = new String(
        target.bytes(),
        target.appFrom(),
        target.idTo() - target.appFrom(),
        StandardCharsets.ISO_8859_1);
    if (key.endsWith("/" + BROKEN_ID)) {
      throw new IllegalStateException("planted by a test");
    }
    String timestamp = target.hasTimestamp() ? Long.toString(target.timestampMs()) : "-";
    return () -> renew(key, timestamp, "client").status();
  }

  private Response renew(Request request) {
    String timestamp = request.query().first("lastDirtyTimestamp");
    return renew(
        request.variable("app") + "/" + request.variable("id"),
        timestamp == null ? "-" : timestamp,
        "true".equals(request.header(HeartbeatMatcher.REPLICATION_HEADER)) ? "peer" : "client");
  }

  private Response renew(String key, String timestamp, String origin) {
    calls.add("renew " + key + " " + timestamp + " " + origin);
    return key.contains("unknown") ? Response.NOT_FOUND : Response.OK;
  }

  /** Takes 3 ms, as a frame of the maximum size on a slow machine. */
  private Response renewMany(Request request) {
    calls.add("renew frame " + new String(request.body(), StandardCharsets.ISO_8859_1));
    clock.advanceMs(3);
    return Response.OK;
  }

  private static Response instance(Request request) {
    String document = "{\"instanceId\":\"" + request.variable("id") + "\"}";
    return Response.of(200, Response.JSON, document.getBytes(StandardCharsets.UTF_8));
  }

  private Response register(Request request) {
    calls.add("register " + request.variable("app") + " "
        + new String(request.body(), StandardCharsets.ISO_8859_1));
    return Response.NO_CONTENT;
  }

  private static Response echo(Request request) {
    return Response.of(200, Response.TEXT, request.body());
  }

  private Response slow(Request request) {
    workerPermits.acquireUninterruptibly();
    return Response.text(200, "slow " + request.variable("name"));
  }

  private Response sized(Request request) {
    workerPermits.acquireUninterruptibly();
    calls.add("sized " + request.body().length);
    return Response.NO_CONTENT;
  }

  private Response body(Request request) {
    return Response.of(
        200, Response.TEXT, bodies.getOrDefault(request.variable("name"), ResponseBody.NONE));
  }

  /** Responds later, except to {@code now}. */
  private void wait(Request request, ResponseCallback callback) {
    String name = request.variable("name");
    if (name.equals("now")) {
      callback.send(Response.text(200, "late now"));
    } else {
      pendingCallbacks.put(name, callback);
    }
  }

  /** Responds to the request pending at {@code /late/<name>}. */
  void respondLate(String name) {
    callbackOf(name).send(Response.text(200, "late " + name));
  }

  ResponseCallback callbackOf(String name) {
    ResponseCallback callback = pendingCallbacks.get(name);
    if (callback == null) {
      throw new AssertionError(
          "no callback for " + name + ", pending: " + pendingCallbacks.keySet());
    }
    return callback;
  }

  private static Response fail(Request request) {
    throw new IllegalStateException("planted by a test");
  }

  private static Response throwError(Request request) {
    throw new StackOverflowError("planted by a test");
  }

  /** Returns a decoder of its own, of a connection without a handler. */
  RequestDecoder newDecoder() {
    InetSocketAddress peer = new InetSocketAddress("192.0.2.1", 40_000);
    return new RequestDecoder(
        new EmbeddedConnection(peer), dispatcher, settings, SourceAddress.of(peer), null);
  }

  /** Opens a connection with its handler. */
  EmbeddedConnection connect() {
    return connectFrom("192.0.2.1");
  }

  /** @param address address literal of the peer */
  EmbeddedConnection connectFrom(String address) {
    EmbeddedConnection connection = new EmbeddedConnection(new InetSocketAddress(address, 40_000));
    int most = settings.writeBufferBytesMax();
    connection.config().setWriteBufferWaterMark(new WriteBufferWaterMark(most / 2, most));
    SourceAddress source = SourceAddress.of(connection.remoteAddress());
    if (quotas.connections().reserve(source, 1) != null) {
      throw new AssertionError("too many connections for this fixture");
    }
    connection
        .pipeline()
        .addLast(new HttpHandler(connection, source, context, dispatcher, settings, counters));
    try {
      connection.register();
    } catch (Exception impossible) {
      throw new IllegalStateException(impossible);
    }
    connections.add(connection);
    return connection;
  }

  /** Runs the loop's next task; waits for a worker to submit one. */
  void runNextTask() {
    Runnable task;
    try {
      task = loop.tasks.poll(10, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
    if (task == null) {
      throw new AssertionError("no task within 10 s");
    }
    task.run();
  }

  /** Runs all tasks of the loop, including those added by tasks. */
  void runReadyTasks() {
    for (Runnable task = loop.tasks.poll(); task != null; task = loop.tasks.poll()) {
      task.run();
    }
  }

  /** Makes the loop reject tasks, as after a shutdown. */
  void stopLoop() {
    loop.isStopped = true;
  }

  /** Returns whether the loop has tasks. */
  boolean hasTasks() {
    return !loop.tasks.isEmpty();
  }

  /** Advances the clock and runs the due timeout checks. */
  void advanceMs(long passedMs) {
    clock.advanceMs(passedMs);
    context.sweep(clock.monotonicNs());
  }

  /** Closes the connections and releases waiting workers. */
  @Override
  public void close() {
    workerPermits.release(PERMITS);
    workers.stop();
    connections.forEach(connection -> connection.finishAndReleaseAll());
  }

  static String put(String id) {
    return "PUT /v2/apps/A/" + id + "?status=UP&lastDirtyTimestamp=7 HTTP/1.1\r\n" + HOST;
  }

  static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\n" + HOST;
  }

  static String post(String path, String body) {
    return "POST " + path + " HTTP/1.1\r\nContent-Length: " + body.length() + "\r\n" + HOST + body;
  }
}

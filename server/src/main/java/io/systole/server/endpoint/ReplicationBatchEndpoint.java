// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.codec.BatchItem;
import io.systole.protocol.codec.BatchItem.Heartbeat;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.codec.ReplicationCodec;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.RegistrationValidator;
import io.systole.protocol.model.ReplicationItem;
import io.systole.protocol.model.ReplicationItemResponse;
import io.systole.protocol.time.Clock;
import io.systole.server.auth.Principal;
import io.systole.server.endpoint.RequestBodyDecoder.BodyTooLargeException;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.ItemRefusal;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.RegisterOutcome;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.registry.RenewedSlots;
import io.systole.server.responsecache.DocumentFormat;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the actions of a peer's clients: {@code POST peerreplication/batch} (spec §5.1). Items
 * are applied in order, each with its own result; none is replicated further. A rejected batch
 * changes nothing.
 */
public final class ReplicationBatchEndpoint implements RequestHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicationBatchEndpoint.class);

  /** The header field with the run id, by which the sender of a batch recognizes a node. */
  private static final String NODE_HEADER = "Systole-Node";

  /** The header field with a batch's place in its sequence, by which a late one is recognized. */
  private static final String BATCH_HEADER = "Systole-Batch";

  private static final Response LATE = Response.ofStatus(409);

  private static final Response TOO_MANY_ITEMS = Response.ofStatus(413);

  private final Registry registry;
  private final RequestBodyDecoder bodyDecoder;
  private final Clock clock;
  private final Counters counters;
  private final Supplier<RenewedSlots> currentRecorder;
  private final BatchSequences sequences = new BatchSequences();
  private final ReplicationCodec codec = new ReplicationCodec();
  private final Map<String, String> header;

  /**
   * @param currentRecorder returns the recorder of leases that peers renew, of the current thread
   * @param runId identifies this run of the node to peers
   */
  public ReplicationBatchEndpoint(
      Registry registry,
      RequestBodyDecoder bodyDecoder,
      Clock clock,
      Counters counters,
      Supplier<RenewedSlots> currentRecorder,
      String runId) {
    this.registry = registry;
    this.bodyDecoder = bodyDecoder;
    this.clock = clock;
    this.counters = counters;
    this.currentRecorder = currentRecorder;
    this.header = Map.of(NODE_HEADER, runId);
  }

  @Override
  public Response handle(Request request) {
    Response response = respond(request);
    return new Response(response.status(), response.contentType(), header, response.body());
  }

  private Response respond(Request request) {
    if (DocumentResponses.formatOfBody(request) != DocumentFormat.JSON) {
      return Response.UNSUPPORTED_MEDIA_TYPE;
    }
    try {
      byte[] body = bodyDecoder.decode(request);
      // Decoded completely before the first item is applied.
      List<BatchItem> items =
          body == null ? null : codec.decodeBatch(body, 0, body.length, clock.wallMs());
      if (body == null || items == null) {
        return DocumentResponses.UNPARSABLE_JSON;
      }
      return sequences.record(request.header(BATCH_HEADER), request.source())
          ? Response.of(200, Response.JSON, codec.encodeResponses(apply(items, body, request)))
          : LATE;
    } catch (BodyTooLargeException tooLarge) {
      LOG.debug("replication batch refused: {}", tooLarge.getMessage());
      return Response.CONTENT_TOO_LARGE;
    } catch (MalformedDocumentException malformed) {
      LOG.debug("replication batch refused: {}", malformed.getMessage());
      return malformed.isTooLong() ? TOO_MANY_ITEMS : DocumentResponses.UNPARSABLE_JSON;
    }
  }

  private List<ReplicationItemResponse> apply(List<BatchItem> items, byte[] body, Request request) {
    List<ReplicationItemResponse> responses = new ArrayList<>(items.size());
    LookupKey lookupKey = new LookupKey();
    long nowNs = clock.monotonicNs();
    RenewedSlots renewed = currentRecorder.get();
    for (BatchItem item : items) {
      if (!mayApply(item, body, request)) {
        responses.add(refuse(403, ItemRefusal.APPLICATION));
      } else if (item instanceof Heartbeat heartbeat) {
        responses.add(renew(heartbeat, body, lookupKey, nowNs, renewed));
      } else {
        responses.add(apply(((BatchItem.Decoded) item).item(), renewed));
      }
    }
    return responses;
  }

  private ReplicationItemResponse refuse(int status, ItemRefusal reason) {
    counters.itemRefused(reason);
    return ReplicationItemResponse.of(status);
  }

  /** Returns whether the sender may change instances of the item's application. */
  private static boolean mayApply(BatchItem item, byte[] body, Request request) {
    Principal sender = request.principal();
    if (sender == null) {
      return true;
    }
    return item instanceof Heartbeat heartbeat
        ? sender.mayChange(body, heartbeat.appFrom(), heartbeat.appTo())
        : sender.mayChange(((BatchItem.Decoded) item).item().app());
  }

  private ReplicationItemResponse renew(
      Heartbeat heartbeat, byte[] body, LookupKey lookupKey, long nowNs, RenewedSlots renewed) {
    lookupKey.aim(
        body, heartbeat.appFrom(), heartbeat.appTo(), heartbeat.idFrom(), heartbeat.idTo());
    long dirtyMs =
        heartbeat.dirtyMs() == Heartbeat.NO_TIMESTAMP ? Registry.NO_TIMESTAMP : heartbeat.dirtyMs();
    RenewOutcome outcome =
        registry.renewal().renew(lookupKey, nowNs, dirtyMs, Origin.PEER, renewed);
    if (outcome == RenewOutcome.RENEWED) {
      return ReplicationItemResponse.of(200);
    }
    InstanceKey key = new InstanceKey(heartbeat.app(body), heartbeat.id(body));
    return responseTo(outcome, key, heartbeat.overriddenStatus());
  }

  private ReplicationItemResponse apply(ReplicationItem item, RenewedSlots renewed) {
    if (item.action() == null) {
      return refuse(500, ItemRefusal.INCOMPLETE);
    }
    if (item.app().isEmpty() || item.id().isEmpty()) {
      return refuse(404, ItemRefusal.INCOMPLETE);
    }
    InstanceKey key = new InstanceKey(item.app(), item.id());
    return switch (item.action()) {
      case REGISTER -> register(item);
      case HEARTBEAT -> renew(key, item, renewed);
      case CANCEL -> cancel(key, item);
      case STATUS_UPDATE -> override(key, item);
      case DELETE_STATUS_OVERRIDE -> removeOverride(key, item);
    };
  }

  /** An invalid document is dropped; the result for the peer is still 200. */
  private ReplicationItemResponse register(ReplicationItem item) {
    InstanceInfo instance = item.instance();
    if (instance == null) {
      return refuse(500, ItemRefusal.INCOMPLETE);
    }
    String refusal = RegistrationValidator.refusalOf(instance, item.app());
    if (refusal != null) {
      LOG.debug("replicated registration dropped app={} id={}: {}", item.app(), item.id(), refusal);
      return refuse(200, ItemRefusal.INVALID);
    }
    RegisterOutcome outcome =
        registry.register(RegisterEndpoint.withMachineId(instance), Origin.PEER);
    return ReplicationItemResponse.of(
        switch (outcome) {
          case REGISTERED, OUTDATED -> 200;
          case TOO_LARGE -> 413;
          case FULL, OVER_BUDGET, BACKLOGGED -> 503;
        });
  }

  private ReplicationItemResponse renew(
      InstanceKey key, ReplicationItem item, RenewedSlots renewed) {
    RenewOutcome outcome = registry
        .renewal()
        .renew(LookupKey.of(key), clock.monotonicNs(), timestampOf(item), Origin.PEER, renewed);
    return responseTo(outcome, key, item.overriddenStatus());
  }

  private ReplicationItemResponse responseTo(
      RenewOutcome outcome, InstanceKey key, @Nullable InstanceStatus overriddenStatus) {
    return switch (outcome) {
      case RENEWED -> ReplicationItemResponse.of(200);
      case UNKNOWN_INSTANCE, STATUS_UNKNOWN -> ReplicationItemResponse.of(404);
      case CLIENT_IS_NEWER -> {
        if (overriddenStatus != null) {
          registry.statusOverrides().adopt(key, overriddenStatus);
        }
        yield ReplicationItemResponse.of(404);
      }
      case PEER_IS_OLDER -> {
        InstanceInfo newer = registry.findStored(key);
        yield newer == null
            ? ReplicationItemResponse.of(404)
            : new ReplicationItemResponse(409, newer);
      }
    };
  }

  /** The least number is a valid timestamp; it must not be taken for NO_TIMESTAMP. */
  private static long timestampOf(ReplicationItem item) {
    return item.dirtyMs() == null
        ? Registry.NO_TIMESTAMP
        : Math.max(item.dirtyMs(), Registry.NO_TIMESTAMP + 1);
  }

  /** Only Systole nodes send a timestamp with a cancel; stock servers ignore it. */
  private ReplicationItemResponse cancel(InstanceKey key, ReplicationItem item) {
    return ReplicationItemResponse.of(
        registry.cancel(key, timestampOf(item), Origin.PEER) ? 200 : 404);
  }

  private ReplicationItemResponse override(InstanceKey key, ReplicationItem item) {
    if (item.status() == null) {
      return refuse(500, ItemRefusal.INCOMPLETE);
    }
    return ReplicationItemResponse.of(
        registry.statusOverrides().set(key, item.status(), timestampOf(item), Origin.PEER)
            ? 200
            : 404);
  }

  /** Stock servers respond with 500 if the timestamp is missing; peers expect that (spec §5.1). */
  private ReplicationItemResponse removeOverride(InstanceKey key, ReplicationItem item) {
    if (item.dirtyMs() == null) {
      return refuse(500, ItemRefusal.INCOMPLETE);
    }
    InstanceStatus status = item.status() == null ? InstanceStatus.UNKNOWN : item.status();
    return ReplicationItemResponse.of(
        registry.statusOverrides().remove(key, status, item.dirtyMs(), Origin.PEER) ? 200 : 404);
  }
}

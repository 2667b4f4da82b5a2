// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.codec.MalformedDocument;
import io.systole.protocol.codec.ReplicationCodec;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.RegistrationCheck;
import io.systole.protocol.model.ReplicationItem;
import io.systole.protocol.model.ReplicationReply;
import io.systole.server.registry.KeyProbe;
import io.systole.server.registry.Origin;
import io.systole.server.registry.RegisterOutcome;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import io.systole.server.time.Clock;
import io.systole.server.view.Language;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a peer's clients did: {@code POST peerreplication/batch} (spec §5.1). Items are applied in
 * order and answered one by one; none is passed on. A batch that is refused changes nothing.
 */
public final class ReplicationBatchEndpoint implements Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicationBatchEndpoint.class);

  private static final Reply TOO_MANY_ITEMS = Reply.ofStatus(413);

  private final Registry registry;
  private final Bodies bodies;
  private final Clock clock;
  private final ReplicationCodec codec = new ReplicationCodec();

  public ReplicationBatchEndpoint(Registry registry, Bodies bodies, Clock clock) {
    this.registry = registry;
    this.bodies = bodies;
    this.clock = clock;
  }

  @Override
  public Reply handle(Request request) {
    if (Documents.languageOfBody(request) != Language.JSON) {
      return Reply.UNSUPPORTED_MEDIA_TYPE;
    }
    List<ReplicationItem> items;
    try {
      byte[] body = bodies.plain(request);
      items = body == null ? null : codec.decodeItems(body, 0, body.length, clock.wallMs());
    } catch (BodyTooLarge tooLarge) {
      LOG.debug("replication batch refused: {}", tooLarge.getMessage());
      return Reply.CONTENT_TOO_LARGE;
    } catch (MalformedDocument malformed) {
      LOG.debug("replication batch refused: {}", malformed.getMessage());
      return malformed.isTooLong() ? TOO_MANY_ITEMS : Documents.UNPARSABLE_JSON;
    }
    if (items == null) {
      return Documents.UNPARSABLE_JSON;
    }
    List<ReplicationReply> replies = new ArrayList<>(items.size());
    for (ReplicationItem item : items) {
      replies.add(apply(item));
    }
    return Reply.of(200, Reply.JSON, codec.encodeReplies(replies));
  }

  private ReplicationReply apply(ReplicationItem item) {
    if (item.action() == null) {
      return ReplicationReply.of(500);
    }
    if (item.app().isEmpty() || item.id().isEmpty()) {
      return ReplicationReply.of(404);
    }
    InstanceKey key = new InstanceKey(item.app(), item.id());
    return switch (item.action()) {
      case REGISTER -> register(item);
      case HEARTBEAT -> renew(key, item);
      case CANCEL -> ReplicationReply.of(registry.cancel(key, Origin.PEER) ? 200 : 404);
      case STATUS_UPDATE -> override(key, item);
      case DELETE_STATUS_OVERRIDE -> liftOverride(key, item);
    };
  }

  /** A document that must not be registered is dropped, and the peer is told 200 as ever. */
  private ReplicationReply register(ReplicationItem item) {
    InstanceInfo instance = item.instance();
    if (instance == null) {
      return ReplicationReply.of(500);
    }
    String refusal = RegistrationCheck.refusalOf(instance, item.app());
    if (refusal != null) {
      LOG.debug("replicated registration dropped app={} id={}: {}", item.app(), item.id(), refusal);
      return ReplicationReply.of(200);
    }
    RegisterOutcome outcome =
        registry.register(RegisterEndpoint.withMachineId(instance), Origin.PEER);
    return ReplicationReply.of(
        switch (outcome) {
          case REGISTERED, OUTDATED -> 200;
          case TOO_LARGE -> 413;
          case FULL, OVER_BUDGET, BACKLOGGED -> 503;
        });
  }

  private ReplicationReply renew(InstanceKey key, ReplicationItem item) {
    long dirtyMs = item.dirtyMs() == null ? Registry.NO_TIMESTAMP : item.dirtyMs();
    RenewOutcome outcome =
        registry.renew(KeyProbe.of(key), clock.monotonicNs(), dirtyMs, Origin.PEER);
    return switch (outcome) {
      case RENEWED -> ReplicationReply.of(200);
      case UNKNOWN_INSTANCE, STATUS_UNKNOWN -> ReplicationReply.of(404);
      case CLIENT_IS_NEWER -> {
        if (item.overriddenStatus() != null) {
          registry.adoptOverride(key, item.overriddenStatus());
        }
        yield ReplicationReply.of(404);
      }
      case PEER_IS_OLDER -> {
        InstanceInfo held = registry.holding(key);
        yield held == null ? ReplicationReply.of(404) : new ReplicationReply(409, held);
      }
    };
  }

  private ReplicationReply override(InstanceKey key, ReplicationItem item) {
    if (item.status() == null) {
      return ReplicationReply.of(500);
    }
    long dirtyMs = item.dirtyMs() == null ? Registry.NO_TIMESTAMP : item.dirtyMs();
    return ReplicationReply.of(
        registry.override(key, item.status(), dirtyMs, Origin.PEER) ? 200 : 404);
  }

  /** The original fails without a timestamp, and peers know it so (spec §5.1). */
  private ReplicationReply liftOverride(InstanceKey key, ReplicationItem item) {
    if (item.dirtyMs() == null) {
      return ReplicationReply.of(500);
    }
    InstanceStatus status = item.status() == null ? InstanceStatus.UNKNOWN : item.status();
    return ReplicationReply.of(
        registry.liftOverride(key, status, item.dirtyMs(), Origin.PEER) ? 200 : 404);
  }
}

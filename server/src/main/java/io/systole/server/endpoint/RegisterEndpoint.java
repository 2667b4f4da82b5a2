// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.RegistrationValidator;
import io.systole.protocol.time.Clock;
import io.systole.server.endpoint.RequestBodyDecoder.BodyTooLargeException;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Registers an instance: {@code POST apps/{app}} (spec §3). */
public final class RegisterEndpoint implements RequestHandler {
  private static final Logger LOG = LoggerFactory.getLogger(RegisterEndpoint.class);

  private final Registry registry;
  private final DocumentResponses documents;
  private final RequestBodyDecoder bodyDecoder;
  private final LeaseField leaseField;
  private final Clock clock;
  private volatile boolean isStopping;

  public RegisterEndpoint(
      Registry registry, DocumentResponses documents, RequestBodyDecoder bodyDecoder, Clock clock) {
    this.registry = registry;
    this.leaseField = new LeaseField(registry.handles());
    this.documents = documents;
    this.bodyDecoder = bodyDecoder;
    this.clock = clock;
  }

  /** Refuses registrations from now on, so that the instances register with other servers. */
  public void stop() {
    isStopping = true;
  }

  @Override
  public Response handle(Request request) {
    if (isStopping) {
      return Response.OVERLOADED;
    }
    Codec codec = documents.codecOf(request);
    if (codec == null) {
      return Response.UNSUPPORTED_MEDIA_TYPE;
    }
    InstanceInfo instance;
    try {
      byte[] body = bodyDecoder.decode(request);
      if (body == null) {
        return documents.unparsable(request);
      }
      instance = codec.decodeInstance(body, 0, body.length, clock.wallMs());
    } catch (BodyTooLargeException tooLarge) {
      LOG.debug("registration refused app={}: {}", request.variable("app"), tooLarge.getMessage());
      return Response.CONTENT_TOO_LARGE;
    } catch (MalformedDocumentException malformed) {
      LOG.debug("registration refused app={}: {}", request.variable("app"), malformed.getMessage());
      return documents.unparsable(request);
    }
    String refusal = RegistrationValidator.refusalOf(instance, request.variable("app"));
    if (refusal != null) {
      LOG.debug("registration refused app={}: {}", request.variable("app"), refusal);
      return Response.text(400, refusal);
    }
    InstanceInfo complete = withMachineId(instance);
    Response response = register(complete, RequestParameters.originOf(request));
    return leaseField.addTo(response, request, complete.key(), complete.lastDirtyMs());
  }

  private Response register(InstanceInfo instance, Origin origin) {
    return switch (registry.register(instance, origin)) {
      // OUTDATED too: a stock client treats any other status as a failure of this server and
      // switches to another. Its next heartbeat receives 404, and it registers again with a newer
      // timestamp.
      case REGISTERED, OUTDATED -> Response.NO_CONTENT;
      case TOO_LARGE -> {
        LOG.debug("registration too large app={} id={}", instance.app(), instance.id());
        yield Response.CONTENT_TOO_LARGE;
      }
      case FULL, OVER_BUDGET, BACKLOGGED -> Response.OVERLOADED;
    };
  }

  /** Adds its own id to an Amazon instance without machine id (spec §3.1). */
  static InstanceInfo withMachineId(InstanceInfo instance) {
    DataCenterInfo dataCenter = instance.dataCenterInfo();
    if (dataCenter == null || !dataCenter.isAmazon() || dataCenter.instanceId() != null) {
      return instance;
    }
    return instance.toBuilder()
        .dataCenterInfo(dataCenter.withInstanceId(instance.id()))
        .build();
  }
}

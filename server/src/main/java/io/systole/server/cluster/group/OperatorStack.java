// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import io.systole.client.net.RegularFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jgroups.JChannel;
import org.jgroups.conf.XmlConfigurator;
import org.jgroups.conf.XmlNode;
import org.jgroups.protocols.FailureDetection;
import org.jgroups.protocols.Fragmentation;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.ReliableUnicast;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.TP;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.stack.Protocol;
import org.jgroups.stack.ProtocolStack;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * JGroups' protocols from an XML file of the operator. Membership and reliable messages are
 * required, and TCP if members must authenticate. Missing recommended protocols are logged as a
 * warning. The diagnostics of the transport are always off.
 */
final class OperatorStack {
  private static final Logger LOG = LoggerFactory.getLogger(OperatorStack.class);

  private static final Map<Class<? extends Protocol>, String> RECOMMENDED = new LinkedHashMap<>();

  static {
    RECOMMENDED.put(MERGE3.class, "MERGE3: parts of a split cluster never merge");
    RECOMMENDED.put(
        FailureDetection.class, "FD_ALL3: a frozen or unreachable member is not detected");
    RECOMMENDED.put(Fragmentation.class, "FRAG4: large messages are sent in one piece");
  }

  /** Before the name of the file in each message. */
  private static final String OPTION = "--cluster-xml=";

  private OperatorStack() {}

  /**
   * Creates the channel.
   *
   * @throws IOException if the file can't be used
   */
  static JChannel channel(Path file, GroupSettings settings, MemberSockets sockets)
      throws IOException {
    JChannel channel = read(file);
    ProtocolStack stack = channel.getProtocolStack();
    requireUsable(file, stack);
    TP transport = stack.getTransport();
    if (transport instanceof TCP) {
      transport.setSocketFactory(sockets);
    } else if (settings.secretFile() != null || settings.tls() != null) {
      throw new IOException(OPTION + file + ": the transport " + transport.getName()
          + " has no secret or TLS of the cluster; TCP has");
    }
    transport.getDiagnosticsHandler().setEnabled(false);
    warnIfIncomplete(file, stack);
    return channel;
  }

  private static JChannel read(Path file) throws IOException {
    byte[] xml;
    try {
      xml = RegularFile.bytes(file, RegularFile.BYTES_MAX);
    } catch (IOException unreadable) {
      throw new IOException(OPTION + unreadable.getMessage(), unreadable);
    }
    if (!hasElements(xml)) {
      throw new IOException(OPTION + file + " is not an XML file with protocols of JGroups");
    }
    try {
      return new JChannel(new ByteArrayInputStream(xml));
    } catch (Exception unusable) {
      throw new IOException(
          OPTION + file + " is not a protocol stack of JGroups: " + unusable.getMessage(),
          unusable);
    }
  }

  /** Returns whether a root element has elements; if not, JGroups reports a null pointer. */
  private static boolean hasElements(byte[] xml) {
    try {
      XmlNode root = XmlConfigurator.parseXmlDocument(new ByteArrayInputStream(xml));
      return root != null && root.getChildren() != null;
    } catch (IOException | RuntimeException malformed) {
      return false;
    }
  }

  private static void requireUsable(Path file, ProtocolStack stack) throws IOException {
    if (!contains(stack, GMS.class)) {
      throw new IOException(OPTION + file + ": without pbcast.GMS there is no membership");
    }
    if (!contains(stack, UNICAST3.class) && !contains(stack, ReliableUnicast.class)) {
      throw new IOException(
          OPTION + file + ": without UNICAST4 messages to one member can be lost");
    }
  }

  private static boolean contains(ProtocolStack stack, Class<? extends Protocol> type) {
    return stack.getProtocols().stream().anyMatch(type::isInstance);
  }

  private static void warnIfIncomplete(Path file, ProtocolStack stack) {
    List<String> missing = new ArrayList<>();
    RECOMMENDED.forEach((type, effect) -> {
      if (!contains(stack, type)) {
        missing.add(effect);
      }
    });
    if (!missing.isEmpty()) {
      LOG.warn("{} lacks {}", file, String.join("; ", missing));
    }
  }
}

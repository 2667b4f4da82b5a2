// SPDX-License-Identifier: Apache-2.0
package io.systole.server.record;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.EscapedText;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.model.PortInfo;
import org.jspecify.annotations.Nullable;

/** Serializer of instance documents: every field, in the order of spec §6.1. */
public final class InstanceSerializer {
  /*
   * Codes are ordinals of enum constants plus 1; 0 is null. Constants may be appended, never
   * reordered.
   */

  private static final InstanceStatus[] STATUSES = InstanceStatus.values();
  private static final ActionType[] ACTIONS = ActionType.values();

  /** Home page, status page and the two health checks. */
  private static final int PAGES = 4;

  private InstanceSerializer() {}

  /** Writes a document. */
  public static void write(InstanceInfo instance, RecordEncoder out) {
    out.writeText(instance.instanceId());
    out.writeText(instance.hostName());
    out.writeText(instance.app());
    out.writeText(instance.ipAddr());
    out.writeText(instance.sid());
    writeStatus(instance.status(), out);
    writeStatus(instance.overriddenStatus(), out);
    writePort(instance.port(), out);
    writePort(instance.securePort(), out);
    out.writeVarint(instance.countryId());
    writeDataCenter(instance.dataCenterInfo(), out);
    writeLease(instance.leaseInfo(), out);
    out.writeMap(instance.metadata());
    out.writeText(instance.appGroupName());
    out.writeText(instance.homePageUrl());
    out.writeText(instance.statusPageUrl());
    out.writeText(instance.healthCheckUrl());
    out.writeText(instance.secureHealthCheckUrl());
    out.writeText(instance.vipAddress());
    out.writeText(instance.secureVipAddress());
    out.writeByte(instance.isCoordinatingDiscoveryServer() ? 1 : 0);
    out.writeVarint(instance.lastUpdatedMs());
    out.writeVarint(instance.lastDirtyMs());
    ActionType action = instance.actionType();
    out.writeByte(action == null ? 0 : action.ordinal() + 1);
    out.writeText(instance.asgName());
  }

  /** Reads a document; its app and id may be empty. */
  public static InstanceInfo read(RecordDecoder in) throws CorruptRecordException {
    InstanceInfo.Builder builder = InstanceInfo.builder().instanceId(in.readText());
    // Copied without decoding: records and instances use the same encoding.
    RecordEncoder addresses = in.scratch();
    in.readText(addresses);
    builder.app(in.readRequiredText());
    in.readText(addresses);
    builder
        .sid(in.readText())
        .status(readRequiredStatus(in))
        .overriddenStatus(readRequiredStatus(in))
        .port(readPort(PortInfo.DEFAULT_PLAIN, in))
        .securePort(readPort(PortInfo.DEFAULT_SECURE, in))
        .countryId(in.readInt())
        .dataCenterInfo(readDataCenter(in))
        .leaseInfo(readLease(in))
        .metadata(in.readMap())
        .appGroupName(in.readText());
    for (int i = 0; i < PAGES; i++) {
      in.readText(addresses);
    }
    InstanceInfo instance = builder
        .packedAddresses(addresses.copy())
        .vipAddress(in.readText())
        .secureVipAddress(in.readText())
        .isCoordinatingDiscoveryServer(in.readByte() != 0)
        .lastUpdatedMs(in.readVarint())
        .lastDirtyMs(in.readVarint())
        .actionType(constant(ACTIONS, in.readByte()))
        .asgName(in.readText())
        .build();
    // Computed here, by the decoding threads, and cached for the one thread that restores.
    int unusedBytes = instance.sizeBytes();
    return instance;
  }

  /** Writes the code of a status. */
  public static void writeStatus(@Nullable InstanceStatus status, RecordEncoder out) {
    out.writeByte(status == null ? 0 : status.ordinal() + 1);
  }

  /** Reads the code of a status; null for 0. */
  public static @Nullable InstanceStatus readStatus(RecordDecoder in)
      throws CorruptRecordException {
    return constant(STATUSES, in.readByte());
  }

  /** Returns the constant of a code; null for 0. */
  public static <T> @Nullable T constant(T[] constants, int code) throws CorruptRecordException {
    if (code > constants.length) {
      throw new CorruptRecordException("code " + code + " is not within 0.." + constants.length);
    }
    return code == 0 ? null : constants[code - 1];
  }

  /** Returns the constant of a code other than 0. */
  public static <T> T requiredConstant(T[] constants, int code) throws CorruptRecordException {
    T constant = constant(constants, code);
    if (constant == null) {
      throw new CorruptRecordException("code 0 is not within 1.." + constants.length);
    }
    return constant;
  }

  private static InstanceStatus readRequiredStatus(RecordDecoder in) throws CorruptRecordException {
    return requiredConstant(STATUSES, in.readByte());
  }

  private static void writePort(PortInfo port, RecordEncoder out) {
    out.writeVarint(port.port());
    out.writeByte(port.isEnabled() ? 1 : 0);
  }

  private static PortInfo readPort(PortInfo usual, RecordDecoder in) throws CorruptRecordException {
    PortInfo port = new PortInfo(in.readInt(), in.readByte() != 0);
    return port.equals(usual) ? usual : port;
  }

  /** A leading byte distinguishes null from a data center without a name. */
  private static void writeDataCenter(@Nullable DataCenterInfo dataCenter, RecordEncoder out) {
    out.writeByte(dataCenter == null ? 0 : 1);
    if (dataCenter != null) {
      out.writeText(dataCenter.name());
      out.writeMap(dataCenter.metadata());
    }
  }

  private static @Nullable DataCenterInfo readDataCenter(RecordDecoder in)
      throws CorruptRecordException {
    if (in.readByte() == 0) {
      return null;
    }
    String name = in.readText();
    if (name != null && !DataCenterInfo.isKnown(name)) {
      throw new CorruptRecordException("unknown data center " + EscapedText.token(name));
    }
    DataCenterInfo dataCenter = new DataCenterInfo(name, in.readMap());
    return dataCenter.equals(DataCenterInfo.MY_OWN) ? DataCenterInfo.MY_OWN : dataCenter;
  }

  private static void writeLease(LeaseInfo lease, RecordEncoder out) {
    out.writeVarint(lease.renewalIntervalSecs());
    out.writeVarint(lease.durationSecs());
    out.writeVarint(lease.registrationMs());
    out.writeVarint(lease.lastRenewalMs());
    out.writeVarint(lease.evictionMs());
    out.writeVarint(lease.serviceUpMs());
  }

  private static LeaseInfo readLease(RecordDecoder in) throws CorruptRecordException {
    return new LeaseInfo(
        in.readInt(),
        in.readInt(),
        in.readVarint(),
        in.readVarint(),
        in.readVarint(),
        in.readVarint());
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.EscapedText;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.model.PortInfo;
import org.jspecify.annotations.Nullable;

/** An instance document in a record: every member, in the order of spec §6.1. */
final class InstanceSerializer {
  /*
   * Codes stand for the constants of enumerations, counted from 1; 0 is for none. Constants may be
   * added behind the others, and must not be moved.
   */

  private static final InstanceStatus[] STATUSES = InstanceStatus.values();
  private static final ActionType[] ACTIONS = ActionType.values();

  /** Home, status and the two health checks. */
  private static final int PAGES = 4;

  private InstanceSerializer() {}

  static void put(InstanceInfo instance, RecordEncoder out) {
    out.putText(instance.instanceId());
    out.putText(instance.hostName());
    out.putText(instance.app());
    out.putText(instance.ipAddr());
    out.putText(instance.sid());
    putStatus(instance.status(), out);
    putStatus(instance.overriddenStatus(), out);
    putPort(instance.port(), out);
    putPort(instance.securePort(), out);
    out.putNumber(instance.countryId());
    putDataCenter(instance.dataCenterInfo(), out);
    putLease(instance.leaseInfo(), out);
    out.putTexts(instance.metadata());
    out.putText(instance.appGroupName());
    out.putText(instance.homePageUrl());
    out.putText(instance.statusPageUrl());
    out.putText(instance.healthCheckUrl());
    out.putText(instance.secureHealthCheckUrl());
    out.putText(instance.vipAddress());
    out.putText(instance.secureVipAddress());
    out.putByte(instance.isCoordinatingDiscoveryServer() ? 1 : 0);
    out.putNumber(instance.lastUpdatedMs());
    out.putNumber(instance.lastDirtyMs());
    ActionType action = instance.actionType();
    out.putByte(action == null ? 0 : action.ordinal() + 1);
    out.putText(instance.asgName());
  }

  static InstanceInfo take(RecordDecoder in) throws CorruptRecordException {
    InstanceInfo.Builder builder = InstanceInfo.builder().instanceId(in.takeText());
    // They have the same form in records and in an instance.
    RecordEncoder addresses = in.scratch();
    in.takeText(addresses);
    builder.app(in.takeSomeText());
    in.takeText(addresses);
    builder
        .sid(in.takeText())
        .status(takeSomeStatus(in))
        .overriddenStatus(takeSomeStatus(in))
        .port(takePort(PortInfo.DEFAULT_PLAIN, in))
        .securePort(takePort(PortInfo.DEFAULT_SECURE, in))
        .countryId(in.takeInt())
        .dataCenterInfo(takeDataCenter(in))
        .leaseInfo(takeLease(in))
        .metadata(in.takeTexts())
        .appGroupName(in.takeText());
    for (int i = 0; i < PAGES; i++) {
      in.takeText(addresses);
    }
    InstanceInfo instance = builder
        .packedAddresses(addresses.copy())
        .vipAddress(in.takeText())
        .secureVipAddress(in.takeText())
        .isCoordinatingDiscoveryServer(in.takeByte() != 0)
        .lastUpdatedMs(in.takeNumber())
        .lastDirtyMs(in.takeNumber())
        .actionType(coded(ACTIONS, in.takeByte()))
        .asgName(in.takeText())
        .build();
    // It is remembered: several threads decode, one restores.
    int unusedBytes = instance.sizeBytes();
    return instance;
  }

  static void putStatus(@Nullable InstanceStatus status, RecordEncoder out) {
    out.putByte(status == null ? 0 : status.ordinal() + 1);
  }

  static @Nullable InstanceStatus takeStatus(RecordDecoder in) throws CorruptRecordException {
    return coded(STATUSES, in.takeByte());
  }

  /** The constant of this code; null for 0. */
  static <T> @Nullable T coded(T[] constants, int code) throws CorruptRecordException {
    if (code > constants.length) {
      throw new CorruptRecordException(
          "code " + code + " where 0.." + constants.length + " are known");
    }
    return code == 0 ? null : constants[code - 1];
  }

  /** The constant of this code, which can't be 0. */
  static <T> T codedSome(T[] constants, int code) throws CorruptRecordException {
    T constant = coded(constants, code);
    if (constant == null) {
      throw new CorruptRecordException("code 0 where one of 1.." + constants.length + " must be");
    }
    return constant;
  }

  private static InstanceStatus takeSomeStatus(RecordDecoder in) throws CorruptRecordException {
    return codedSome(STATUSES, in.takeByte());
  }

  private static void putPort(PortInfo port, RecordEncoder out) {
    out.putNumber(port.port());
    out.putByte(port.isEnabled() ? 1 : 0);
  }

  private static PortInfo takePort(PortInfo usual, RecordDecoder in) throws CorruptRecordException {
    PortInfo port = new PortInfo(in.takeInt(), in.takeByte() != 0);
    return port.equals(usual) ? usual : port;
  }

  /** A byte says whether there is one, for its name may be missing as well. */
  private static void putDataCenter(@Nullable DataCenterInfo dataCenter, RecordEncoder out) {
    out.putByte(dataCenter == null ? 0 : 1);
    if (dataCenter != null) {
      out.putText(dataCenter.name());
      out.putTexts(dataCenter.metadata());
    }
  }

  private static @Nullable DataCenterInfo takeDataCenter(RecordDecoder in)
      throws CorruptRecordException {
    if (in.takeByte() == 0) {
      return null;
    }
    String name = in.takeText();
    if (name != null && !DataCenterInfo.isKnown(name)) {
      throw new CorruptRecordException("no data center is called " + EscapedText.token(name));
    }
    DataCenterInfo dataCenter = new DataCenterInfo(name, in.takeTexts());
    return dataCenter.equals(DataCenterInfo.MY_OWN) ? DataCenterInfo.MY_OWN : dataCenter;
  }

  private static void putLease(LeaseInfo lease, RecordEncoder out) {
    out.putNumber(lease.renewalIntervalSecs());
    out.putNumber(lease.durationSecs());
    out.putNumber(lease.registrationMs());
    out.putNumber(lease.lastRenewalMs());
    out.putNumber(lease.evictionMs());
    out.putNumber(lease.serviceUpMs());
  }

  private static LeaseInfo takeLease(RecordDecoder in) throws CorruptRecordException {
    return new LeaseInfo(
        in.takeInt(),
        in.takeInt(),
        in.takeNumber(),
        in.takeNumber(),
        in.takeNumber(),
        in.takeNumber());
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.message.Message;
import java.util.concurrent.atomic.LongAdder;

/** The counters of a member since its start. Thread-safe. */
public final class ReplicaCounters {
  final LongAdder beatsSent = new LongAdder();
  final LongAdder beatBytesSent = new LongAdder();
  final LongAdder renewalsSent = new LongAdder();
  final LongAdder beatsReceived = new LongAdder();
  final LongAdder beatBytesReceived = new LongAdder();
  final LongAdder renewalsReceived = new LongAdder();
  final LongAdder unknownNumbers = new LongAdder();
  final LongAdder recordsSent = new LongAdder();
  final LongAdder sendFailures = new LongAdder();
  final LongAdder recordsTooLarge = new LongAdder();
  final LongAdder recordBytesSent = new LongAdder();
  final LongAdder recordsReceived = new LongAdder();
  final LongAdder recordBytesReceived = new LongAdder();
  final LongAdder recordsApplied = new LongAdder();
  final LongAdder recordsRefused = new LongAdder();
  final LongAdder digestsReceived = new LongAdder();
  final LongAdder bucketsDiffering = new LongAdder();
  final LongAdder pullsSent = new LongAdder();
  final LongAdder recordsPushed = new LongAdder();
  final LongAdder reassertions = new LongAdder();
  final LongAdder malformedMessages = new LongAdder();
  final LongAdder unknownKinds = new LongAdder();

  /** Counts the bytes of a received message with renewals or changes. */
  void addReceived(Message message, int bytes) {
    if (message instanceof Message.Beat) {
      beatBytesReceived.add(bytes);
    } else if (message instanceof Message.Records) {
      recordBytesReceived.add(bytes);
    }
  }

  /** Returns the number of messages with renewals sent. */
  public long beatsSent() {
    return beatsSent.sum();
  }

  /** Returns the bytes of the messages with renewals sent. */
  public long beatBytesSent() {
    return beatBytesSent.sum();
  }

  /** Returns the number of renewals sent. */
  public long renewalsSent() {
    return renewalsSent.sum();
  }

  /** Returns the number of messages with renewals received. */
  public long beatsReceived() {
    return beatsReceived.sum();
  }

  /** Returns the bytes of the messages with renewals received. */
  public long beatBytesReceived() {
    return beatBytesReceived.sum();
  }

  /** Returns the number of renewals received that renewed a lease. */
  public long renewalsReceived() {
    return renewalsReceived.sum();
  }

  /** Returns the number of renewals received for leases that this member does not have. */
  public long unknownNumbers() {
    return unknownNumbers.sum();
  }

  /** Returns the number of records sent because of changes at this member. */
  public long recordsSent() {
    return recordsSent.sum();
  }

  /** Returns the bytes of the messages with records of changes at this member. */
  public long recordBytesSent() {
    return recordBytesSent.sum();
  }

  /** Returns the number of messages that the group could not send; they are sent again. */
  public long sendFailures() {
    return sendFailures.sum();
  }

  /** Returns the number of records left out because a message can't hold them, each time. */
  public long recordsTooLarge() {
    return recordsTooLarge.sum();
  }

  /** Returns the number of records received, by changes and by comparisons of registries. */
  public long recordsReceived() {
    return recordsReceived.sum();
  }

  /** Returns the bytes of the messages received with changes sent as they were made. */
  public long recordBytesReceived() {
    return recordBytesReceived.sum();
  }

  /** Returns the number of records received that changed a lease, an override or a tombstone. */
  public long recordsApplied() {
    return recordsApplied.sum();
  }

  /** Returns the number of records that the registry refused because it was full or busy. */
  public long recordsRefused() {
    return recordsRefused.sum();
  }

  /** Returns the number of digests received. */
  public long digestsReceived() {
    return digestsReceived.sum();
  }

  /** Returns the number of buckets that differed from a received digest. */
  public long bucketsDiffering() {
    return bucketsDiffering.sum();
  }

  /** Returns the number of buckets requested from another member. */
  public long pullsSent() {
    return pullsSent.sum();
  }

  /** Returns the number of records sent to members that lacked them. */
  public long recordsPushed() {
    return recordsPushed.sum();
  }

  /** Returns the number of evictions by other members rejected because of a renewal here. */
  public long reassertions() {
    return reassertions.sum();
  }

  /** Returns the number of messages that could not be decoded. */
  public long malformedMessages() {
    return malformedMessages.sum();
  }

  /** Returns the number of messages of a kind that this version does not have. */
  public long unknownKinds() {
    return unknownKinds.sum();
  }
}

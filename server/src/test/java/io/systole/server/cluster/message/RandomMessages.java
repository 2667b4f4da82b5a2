// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.cluster.message.ClusterRecord.RegistrationRecord;
import io.systole.server.cluster.message.ClusterRecord.RemovalRecord;
import io.systole.server.cluster.message.Message.Digest;
import io.systole.server.cluster.message.Message.Hello;
import io.systole.server.cluster.message.Message.Pull;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A seeded generator of messages of all kinds, with edge values of numbers and texts. */
final class RandomMessages {
  private static final long[] EDGES = {
    0, 1, -1, 127, 128, 16_383, 16_384, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE
  };
  private static final String[] TEXTS = {
    "", "a", "zone-1", "漢字", "😀", "a\nb", "x".repeat(127), "y".repeat(300)
  };
  private static final InstanceStatus[] STATUSES = InstanceStatus.values();

  private final Random random;
  private final long[] epochs;

  RandomMessages(long seed) {
    random = new Random(seed);
    epochs = random.longs(5).toArray();
  }

  Hello hello() {
    int min = 1 + random.nextInt(255);
    int max = min + random.nextInt(256 - min);
    return new Hello(min, max, random.nextBoolean(), random.nextBoolean(), text(), text(), text());
  }

  List<ClusterRecord> records(int count) {
    List<ClusterRecord> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      records.add(record());
    }
    return records;
  }

  ClusterRecord record() {
    return random.nextBoolean()
        ? registration()
        : new RemovalRecord(key(), stamp(), cause(), random.nextBoolean());
  }

  RegistrationRecord registration() {
    long ageMs = random.nextBoolean() ? RegistrationRecord.NO_AGE : number() & Long.MAX_VALUE;
    int leaseNumber = (int) number() & Integer.MAX_VALUE;
    OverrideRegister override = random.nextBoolean() ? override() : null;
    return new RegistrationRecord(
        document(),
        stamp(),
        new LeaseId(epoch(), leaseNumber),
        override,
        ageMs,
        random.nextBoolean());
  }

  Digest digest() {
    int[] counts = new int[KeyHash.BUCKETS];
    long[] hashes = new long[KeyHash.BUCKETS];
    long[] youngestHlcs = new long[KeyHash.BUCKETS];
    for (int bucket = 0; bucket < KeyHash.BUCKETS; bucket++) {
      counts[bucket] = random.nextBoolean() ? 0 : (int) number() & Integer.MAX_VALUE;
      hashes[bucket] = counts[bucket] == 0 ? 0 : number();
      youngestHlcs[bucket] = number();
    }
    return new Digest(counts, hashes, youngestHlcs);
  }

  Pull pull() {
    int count = random.nextInt(40);
    return new Pull(
        number(),
        random.nextInt(KeyHash.BUCKETS),
        random.longs(count).toArray(),
        random.longs(count).toArray());
  }

  /** Returns words with about one of {@code every} bits set. */
  long[] words(int length, int every) {
    long[] words = new long[length];
    for (int number = 0; number < Long.SIZE * length; number++) {
      if (random.nextInt(every) == 0) {
        words[number / Long.SIZE] |= 1L << number;
      }
    }
    return words;
  }

  InstanceKey key() {
    return new InstanceKey("A" + text(), "i" + text());
  }

  private InstanceInfo document() {
    Map<String, String> metadata = new LinkedHashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      metadata.put("name" + i + text(), text());
    }
    return InstanceInfo.builder()
        .instanceId("i" + text())
        .hostName(textOrNull())
        .app("a" + text())
        .ipAddr(textOrNull())
        .status(status())
        .overriddenStatus(status())
        .port(random.nextBoolean() ? 7001 : 65_535)
        .countryId(random.nextInt())
        .dataCenterInfo(
            random.nextBoolean() ? DataCenterInfo.MY_OWN : DataCenterInfo.amazon(metadata))
        .leaseInfo(new LeaseInfo(
            random.nextInt(), random.nextInt(), number(), number(), number(), number()))
        .metadata(metadata)
        .appGroupName(textOrNull())
        .homePageUrl(textOrNull())
        .healthCheckUrl(textOrNull())
        .vipAddress(textOrNull())
        .lastUpdatedMs(number())
        .lastDirtyMs(number())
        .actionType(ActionType.ADDED)
        .asgName(textOrNull())
        .build();
  }

  private RecordStamp stamp() {
    return new RecordStamp(number(), number(), epoch());
  }

  private OverrideRegister override() {
    @Nullable InstanceStatus status = random.nextBoolean() ? status() : null;
    return new OverrideRegister(status, new OverrideStamp(number(), epoch()));
  }

  private RemovalCause cause() {
    return random.nextBoolean() ? RemovalCause.CANCEL : RemovalCause.EVICTION;
  }

  private InstanceStatus status() {
    return STATUSES[random.nextInt(STATUSES.length)];
  }

  /** Returns the epoch of one of a few members, or an unusual one. */
  private long epoch() {
    return random.nextInt(10) == 0 ? number() : epochs[random.nextInt(epochs.length)];
  }

  private long number() {
    return random.nextBoolean() ? EDGES[random.nextInt(EDGES.length)] : random.nextLong();
  }

  private @Nullable String textOrNull() {
    return random.nextInt(4) == 0 ? null : text();
  }

  private String text() {
    return TEXTS[random.nextInt(TEXTS.length)];
  }
}

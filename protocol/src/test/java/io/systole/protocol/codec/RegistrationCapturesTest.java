// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.model.RegistrationValidator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares our decoders and validator with recorded registrations (spec §8 rows 46-60). */
class RegistrationCapturesTest {
  private static final String ACCEPTED = "accepted";
  private static final String UNREADABLE = "cannot parse request body";
  private static final long NOW_MS = 1_800_000_000_000L;

  /** Outcomes that intentionally differ from the recorded ones. */
  private static final Map<String, String> INTENDED_DIFFERENCES = Map.of(
      // Hand-written clients omit the type; the name is sufficient (spec §6.2).
      "reg-dci-noclass", ACCEPTED,
      // Unknown members of any shape, anywhere, are skipped (spec §6.1, §9 row 37).
      "reg-dci-extra", ACCEPTED,
      "reg-port-extra", ACCEPTED,
      "reg-unknown-array", ACCEPTED,
      "reg-unknown-fields", ACCEPTED,
      // A bare number is unambiguous (spec §8 row 59).
      "reg-port-int", ACCEPTED,
      // The reference fails with 500 instead of 400 (spec §8 row 51).
      "reg-null", UNREADABLE);

  /** Valid documents whose media type was refused. */
  private static final List<String> REFUSED_BY_MEDIA_TYPE =
      List.of("reg-charset-16", "reg-noctype", "reg-textplain");

  private final Codec json = new JsonCodec();
  private final Codec xml = new XmlCodec();

  @Test
  void registrations_recorded_haveTheRecordedOutcome() {
    List<Capture> captures = Capture.all().stream()
        .filter(Capture::isRegistration)
        .filter(capture -> !REFUSED_BY_MEDIA_TYPE.contains(capture.name()))
        .toList();

    Map<String, String> expected = outcomes(captures, this::expected);
    Map<String, String> actual = outcomes(captures, this::actual);

    System.out.println("registrations compared: " + captures.size());
    assertThat(actual).hasSizeGreaterThan(60).containsExactlyInAnyOrderEntriesOf(expected);
  }

  @Test
  void intendedDifferences_recorded_differ() {
    List<Capture> captures = INTENDED_DIFFERENCES.keySet().stream()
        .map(Capture::of)
        .filter(this::isAsRecorded)
        .toList();

    assertThat(captures).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "reg-ts-number, get-ts-number",
    "reg-xml, get-xml-reg",
    "reg-xml-meta-escapes, get-xml-meta-escapes",
    "reg-meta-odd-keys, get-meta-odd-keys-json",
    "reg-lease-str, get-ls",
    "reg-lease-neg, get-ls",
    "reg-lease-none, get-ls",
    "reg-dup-meta, get-md",
    "reg-meta-at, get-md",
    "reg-meta-null, get-md",
    "reg-meta-null, get-md-xml",
    "reg-amazon, get-amz",
    "reg-amazon-noid, get-amz",
    "reg-amazon-noid, get-amz-xml",
    "reg-minimal, get-min",
    "reg-status-bogus, get-st",
    "reg-status-lower, get-st",
    "reg-status-down, get-st",
    "reg-status-starting, get-st",
    "reg-status-oos, get-st",
    "reg-port-str, get-ok3",
    "reg-port-absent, get-ok3",
    "reg-charset, get-ok3",
    "reg-lower-both, reg-lower-get",
    "reg-noinstanceid-myown, reg-noid-get",
    "register-ok, get-instance-json",
    "register-ok, get-instance-xml",
  })
  void decode_registration_equalsTheInstanceServedByTheReference(String request, String response)
      throws MalformedDocumentException {
    InstanceInfo served = served(Capture.of(response), decode(Capture.of(request)));

    InstanceInfo decoded = withStampsOf(served, decode(Capture.of(request)));

    assertThat(decoded).isEqualTo(served);
  }

  private static Map<String, String> outcomes(
      List<Capture> captures, Function<Capture, String> outcome) {
    return captures.stream().collect(Collectors.toMap(Capture::name, outcome));
  }

  private boolean isAsRecorded(Capture capture) {
    return recorded(capture).equals(actual(capture));
  }

  private String expected(Capture capture) {
    return INTENDED_DIFFERENCES.getOrDefault(capture.name(), recorded(capture));
  }

  private static String recorded(Capture capture) {
    if (capture.status() == 204) {
      return ACCEPTED;
    }
    String body = capture.response().bodyText();
    return body.contains(UNREADABLE) ? UNREADABLE : body;
  }

  private String actual(Capture capture) {
    try {
      String refusal = RegistrationValidator.refusalOf(decode(capture), capture.pathApp());
      return refusal == null ? ACCEPTED : refusal;
    } catch (MalformedDocumentException e) {
      return UNREADABLE;
    }
  }

  private InstanceInfo decode(Capture capture) throws MalformedDocumentException {
    byte[] body = capture.request().body();
    return (capture.isXmlRequest() ? xml : json).decodeInstance(body, 0, body.length, NOW_MS);
  }

  private InstanceInfo served(Capture response, InstanceInfo registered)
      throws MalformedDocumentException {
    return RecordedDocument.of(response).instances().stream()
        .filter(instance -> instance.key().equals(withMachineId(registered).key()))
        .findFirst()
        .orElseThrow();
  }

  /**
   * Sets the effective id as id of an Amazon machine without one, as the reference does (spec
   * §3.1).
   */
  private static InstanceInfo withMachineId(InstanceInfo registered) {
    DataCenterInfo dataCenter = registered.dataCenterInfo();
    return dataCenter != null && dataCenter.isAmazon() && dataCenter.instanceId() == null
        ? registered.toBuilder()
            .dataCenterInfo(dataCenter.withInstanceId(registered.id()))
            .build()
        : registered;
  }

  /** Sets the values that the server determines. */
  private static InstanceInfo withStampsOf(InstanceInfo served, InstanceInfo registered) {
    LeaseInfo stamps = served.leaseInfo();
    InstanceInfo.Builder stamped = withMachineId(registered).toBuilder()
        .leaseInfo(new LeaseInfo(
            registered.leaseInfo().renewalIntervalSecs(),
            registered.leaseInfo().durationSecs(),
            stamps.registrationMs(),
            stamps.lastRenewalMs(),
            stamps.evictionMs(),
            stamps.serviceUpMs()))
        .isCoordinatingDiscoveryServer(false)
        .lastUpdatedMs(served.lastUpdatedMs())
        .actionType(served.actionType());
    if (registered.lastDirtyMs() == NOW_MS) {
      stamped.lastDirtyMs(served.lastDirtyMs());
    }
    return stamped.build();
  }
}

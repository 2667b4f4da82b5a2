// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.server.RecordedExchange.RecordedResponse;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An intended difference between our response and the stock server's.
 *
 * @param reason the reason, with its place in the spec
 * @param status our status
 * @param type our content type, null without a body
 * @param text text that occurs only in our body; may be empty
 * @param lines regular expression of the lines of the canonical body that differ; empty if the
 *     bodies are not compared
 */
record IntendedDifference(
    String reason, int status, @Nullable String type, String text, String lines) {
  private static final String JSON = "application/json";
  private static final String XML = "application/xml";
  private static final String TEXT = "text/plain; charset=utf-8";

  /** Matches nothing. */
  private static final String NO_LINE = "(?!)";

  private static final Map<String, IntendedDifference> BY_EXCHANGE = new TreeMap<>();

  static {
    because("a bad number or status is refused before it has any effect: spec §9 no. 6")
        .bare(400, "hb-bad-ts", "hb-empty-ts", "status-put-bogus", "status-put-lower")
        .bare(400, "status-put-novalue", "status-form-body", "status-del-bogus");
    because("a peer's invalid override is ignored: spec §8 row 27")
        .bare(404, "hb-overridden-bogus-repl");
    because("a body without a required member is a client error: spec §3.1, §5.1")
        .with(400, JSON, "cannot parse request body", "reg-null", "batch-nolist");
    because("only a response with a body can be unacceptable: spec §1.4")
        .bare(200, "hb-accept-html");
    because("a client that accepts neither JSON nor XML gets XML, not 406: spec §1.4")
        .with(200, XML, "<applications>", "get-apps-accept-html")
        .with(200, JSON, "{\"applications\":", "get-apps-accept-plus");
    because("Content-Type matches the body: spec §1.4, §9 no. 20")
        .with(200, JSON, "{\"applications\":", "accept-caps")
        .but("lastRenewalTimestamp=.*", JSON, "accept-xml-json");
    because("an error message is text/plain: spec §1.7")
        .typed(400, TEXT, "reg-empty-app", "reg-mismatch-app", "reg-no-host", "reg-empty-host")
        .typed(400, TEXT, "reg-empty-id-nohost", "reg-no-ip", "reg-no-dci", "reg-dci-null")
        .typed(400, TEXT, "reg-dci-noname", "reg-xml-nodci");
    because("gzip;q=0 means not acceptable: spec §1.5, §9 no. 20")
        .typed(200, JSON, "get-apps-gzip-q0");
    because("compressed request bodies are accepted: spec §1.5, §9 no. 24")
        .bare(204, "reg-gzip")
        .with(200, JSON, "{\"statusCode\":200}", "batch-gzip");
    because("unknown members are ignored: spec §6.1, §6.2, §9 no. 37")
        .bare(204, "reg-dci-noclass", "reg-dci-extra", "reg-unknown-array", "reg-unknown-fields")
        .bare(204, "reg-port-int", "reg-port-extra");
    because("an invalid item fails alone: spec §9 no. 23")
        .with(200, JSON, "[{\"statusCode\":500}]", "batch-unknown-action")
        .with(200, JSON, "[{\"statusCode\":200}]", "batch-unknown-field")
        .with(200, JSON, "[{\"statusCode\":500}]", "batch-extra-wrapped-instance");
    because("a batch is answered in JSON, the only format that peers read: spec §5.1")
        .with(200, JSON, "{\"responseList\":[{\"statusCode\":200}]}", "batch-noaccept")
        .with(200, JSON, "{\"responseList\":[{\"statusCode\":200}]}", "batch-xml-accept");
    because("a percent-encoded slash is part of the id: spec §1.3").bare(404, "reg-hb-pct2f");
    because("no application is called ALL_APPS: spec §1.3, §9 no. 19").bare(404, "vip-delta-name");
    because("OPTIONS is answered by its headers: spec §1.2").bare(204, "options-apps");
    because("/v2 is a prefix, too: spec §1.1").with(200, JSON, "{\"applications\":", "v2-root");
    because("overrides can be read: spec §9 no. 33")
        .with(200, JSON, "{}", "serverinfo", "serverinfo-root");
    because("long leases don't overflow: spec §2.4, §9 no. 35")
        .with(200, JSON, "\"durationInSecs\":2147484", "overflow-duration");
    because("an entry with an empty name can't be expressed in XML: spec §9 no. 36")
        .with(200, XML, "", "get-meta-odd-keys-xml");
    because("an override applied by a heartbeat is a change: spec §9 no. 9")
        .but("actionType=.*", JSON, "after-oos-repl2", "apps-after-oos-hb-cached")
        .but("actionType=.*", JSON, "delta-after-oos-hb");
    because("an override belongs to one instance of one application: spec §9 no. 10")
        .but(
            "(status|overriddenStatus|serviceUpTimestamp)=.*", JSON, "rule-67-get", "rule-68c-get");
    because("lists are encoded on change, so later renewals don't show: spec §9 no. 2")
        .but("lastRenewalTimestamp=.*", JSON, "apps-hash-mixed", "apps-bad-eureka-accept")
        .but("lastRenewalTimestamp=.*", JSON, "vip-regions", "delta-regions", "delta-evicted");
  }

  /** The error page of the stock server carries no information; ours is empty (spec §1.7). */
  static boolean isErrorPage(RecordedResponse response) {
    return response.status() >= 400
        && response.body().startsWith("{\"timestamp\":")
        && response.body().contains("\"path\":\"");
  }

  static @Nullable IntendedDifference of(RecordedExchange exchange) {
    IntendedDifference listed = BY_EXCHANGE.get(exchange.name());
    RecordedResponse response = exchange.response();
    if (listed != null || response == null || !isErrorPage(response)) {
      return listed;
    }
    return new IntendedDifference(
        "errors have no body: spec §1.7, §9 no. 5", response.status(), null, "", "");
  }

  static List<String> listed() {
    return List.copyOf(BY_EXCHANGE.keySet());
  }

  private static Reason because(String reason) {
    return new Reason(reason);
  }

  private record Reason(String reason) {
    /** A response without a body. */
    Reason bare(int status, String... exchanges) {
      return with(status, null, "", exchanges);
    }

    /** A response with a body. */
    Reason with(int status, @Nullable String type, String text, String... exchanges) {
      return add(new IntendedDifference(reason, status, type, text, ""), exchanges);
    }

    /** The same body with another media type or coding. */
    Reason typed(int status, String type, String... exchanges) {
      return add(new IntendedDifference(reason, status, type, "", NO_LINE), exchanges);
    }

    /** The same response except for some lines of its body. */
    Reason but(String lines, String type, String... exchanges) {
      return add(new IntendedDifference(reason, 200, type, "", lines), exchanges);
    }

    private Reason add(IntendedDifference difference, String... exchanges) {
      for (String exchange : exchanges) {
        if (BY_EXCHANGE.put(exchange, difference) != null) {
          throw new IllegalStateException("listed twice: " + exchange);
        }
      }
      return this;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0

/*
 * One instance: why it is registered or not, its lease, its whole document, and its history.
 */

import {actionButtons} from "./actions.js";
import {curlButton, hash, path, repeat, request} from "./api.js";
import {ago, announce, at, bdi, h, panel, sentence, setText, status, terms, value} from "./dom.js";
import {delay, duration, visible} from "./format.js";

const FIELDS_MAX = 200;
const WHOLE_MS = 30_000;
/** How long an instance must be unknown: it is also for a moment while it is being removed. */
const UNKNOWN_MS = 15_000;

export function instance({live, route, navigate, signal}) {
  const [app, id] = route.names;
  const url = path("instances", app, id);
  const explainUrl = path("explain", app, id);
  const summary = h("p", {class: "lead"}, "Loading the instance.");
  const lease = h("div");
  const documentPlace = h("div");
  const history = h("div");
  const actions = h("div", {class: "actions"});
  const stateName = h("span", {class: "badges"});
  let shown = "";
  let fingerprint = null;
  let announced = null;
  let readMs = 0;
  let unknownSinceMs = null;

  /** Reads the explanation, and the whole with its history when that has changed or is old. */
  async function update() {
    if (fingerprint !== null && Date.now() - readMs < WHOLE_MS) {
      const explain = await request("GET", explainUrl, signal);
      if (fingerprintOf(explain) === fingerprint) {
        showLease(explain);
        return;
      }
    }
    const whole = await request("GET", url, signal);
    unknownSinceMs = null;
    const next = fingerprintOf(whole.explain ?? {});
    if (announced !== null && announced !== next) {
      announce(`The instance has changed. ${visible(whole.summary)}`);
    }
    fingerprint = announced = next;
    readMs = Date.now();
    showLease(whole.explain ?? {summary: whole.summary, state: whole.state});
    showDocument(whole.document);
    history.replaceChildren(historyTable(whole.history ?? [], whole.isHistoryCut));
  }

  function showLease(explain) {
    summary.classList.remove("failure");
    const name = explain.status?.status ?? explain.status;
    if (summary.dataset.text !== explain.summary) {
      summary.dataset.text = explain.summary;
      summary.replaceChildren(sentence(explain.summary));
    }
    stateName.replaceChildren(...typeof name === "string" ? [status(name)] : [],
      h("span", {class: "lease-state", "data-state": explain.state}, visible(explain.state)));
    lease.replaceChildren(terms(leaseTerms(explain)));
    showActions(explain);
  }

  function showActions(explain) {
    const key = `${explain.state} ${explain.status?.override?.status} ${live.node?.isManaged}`;
    if (actions.dataset.key !== key) {
      actions.dataset.key = key;
      actions.replaceChildren(...live.node?.isManaged === false || explain.state === "removed" ? []
        : actionButtons({
          app, id, hasOverride: Boolean(explain.status?.override),
          intervalSecs: explain.lease?.renewalIntervalSecs,
          durationSecs: explain.lease?.durationSecs, done: changed,
        }));
    }
  }

  function showDocument(whole) {
    // A renewal alone is no reason to build the document anew: what is unfolded would fold.
    const text = JSON.stringify(whole,
      (name, part) => name === "lastRenewalTimestamp" ? undefined : part);
    if (text !== shown) {
      shown = text;
      documentPlace.replaceChildren(whole === null || whole === undefined
        ? h("p", {class: "faint"}, "The instance is no longer registered; its document is gone.")
        : documentOf(whole.instance ?? whole));
    }
  }

  const again = repeat(update, error => {
    fingerprint = null;
    shown = "";
    summary.dataset.text = "";
    summary.replaceChildren(sentence(error.message));
    summary.classList.add("failure");
    [stateName, actions, lease, documentPlace, history].forEach(each => each.replaceChildren());
    delete actions.dataset.key;
    unknownSinceMs = error.code === 404 ? unknownSinceMs ?? Date.now() : null;
    // Requests overlap, so their number says nothing. It is read again at the next event of it.
    return unknownSinceMs !== null && Date.now() - unknownSinceMs >= UNKNOWN_MS;
  }, signal);

  function changed() {
    fingerprint = null;
    again();
  }

  live.on(["recent"], () => {
    if (Object.values(live.recent).some(list => list[0]?.id === id && list[0].app === app
        && list[0].atMs !== seenMs && (seenMs = list[0].atMs))) {
      changed();
    }
  }, signal);
  let seenMs = 0;

  return {
    element: h("div", {},
      h("nav", {class: "path", "aria-label": "Path"},
        h("a", {href: navigate.list}, "Applications"), " / ",
        h("a", {href: hash("applications", app)}, bdi(app))),
      h("div", {class: "title"}, h("h1", {tabindex: "-1"}, bdi(id)), stateName, actions),
      h("div", {class: "columns"},
        panel("Explanation", curlButton(explainUrl), summary, lease),
        panel("History", null, history)),
      panel("Document", curlButton(url), documentPlace)),
    title: `${visible(id)}, ${visible(app)}`, up: hash("applications", app),
  };
}

/** Returns the parts of an explanation that change only with the instance or its status. */
function fingerprintOf({state, status: current, lease, removedAtMs}) {
  return JSON.stringify([state, current?.status ?? current, current?.override ?? null,
    lease?.registeredAtMs, lease?.durationSecs, removedAtMs]);
}

function leaseTerms(explain) {
  const {lease, renewalDelay, eviction, status: current} = explain;
  if (!lease) {
    return [
      explain.removedAtMs && ["Removed", ago(explain.removedAtMs)],
      explain.cause && ["Cause", `${visible(explain.cause)}, by ${visible(explain.by)}`],
      explain.registeredAtMs && ["Registered", ago(explain.registeredAtMs)],
      explain.source && ["Found in", visible(explain.source)],
    ];
  }
  const late = renewalDelay?.application;
  return [
    ["Lease", lease.validForMs != null ? `valid for ${duration(lease.validForMs)}`
      : `expired ${duration(lease.expiredForMs)} ago`, ` (of ${lease.durationSecs} s)`],
    ["Deadline", at(lease.deadlineAtMs)],
    ["Last renewal", lease.lastRenewalAtMs ? ago(lease.lastRenewalAtMs) : "none yet",
      `, every ${lease.renewalIntervalSecs} s expected`],
    ["Late by", delay(renewalDelay?.currentDelayMs ?? 0), late?.samples > 0
      ? ` (${visible(late.of)}: median ${delay(late.medianMs)}, p99 ${delay(late.p99Ms)})` : null],
    ["Registered", ago(lease.registeredAtMs)],
    lease.restoredAtMs && ["Restored", ago(lease.restoredAtMs),
      lease.isRenewedSinceRestore ? ", renewed since" : ", not renewed since"],
    lease.zone && ["Zone", bdi(lease.zone)],
    current && ["Status", status(current.status), " ", sentence(current.because ?? "")],
    current?.override && ["Override", status(current.override.status),
      current.override.by ? ` by ${visible(current.override.by)}` : null,
      current.override.lastChangedAtMs ? [", ", ago(current.override.lastChangedAtMs)] : null,
      current.override.note ? `, ${current.override.note}` : null],
    eviction?.nextRunAtMs && ["Next eviction run", ago(eviction.nextRunAtMs),
      eviction.chance > 0 && eviction.chance < 1
        ? `, evicts it with a probability of ${(100 * eviction.chance).toFixed(1)} %` : null],
    ...(eviction?.protectedBy ?? []).flatMap(rule => [
      ["Protected by", sentence(rule.because)],
      rule.release && ["Would end it", sentence(rule.release)],
    ]),
  ];
}

function historyTable(entries, isCut) {
  if (entries.length === 0) {
    return h("p", {class: "faint"}, "No change of this instance is retained.");
  }
  return h("div", {class: "scroll history", tabindex: "0", role: "region",
    "aria-label": "Changes, newest first"},
  h("table", {class: "plain"},
    h("thead", {}, h("tr", {}, ["When", "Change", "By", "Status"].map(label =>
      h("th", {scope: "col"}, label)))),
    h("tbody", {}, entries.map(entry => h("tr", {title: visible(entry.because ?? "") || null},
      h("td", {}, ago(entry.atMs)), h("td", {}, visible(entry.cause)),
      h("td", {}, visible(entry.by ?? "–")),
      h("td", {}, entry.status ? status(entry.status) : "–"))))),
  isCut ? h("p", {class: "faint"}, "Older changes are not listed.") : null);
}

/** Returns all fields of the document, those of objects under their path, and the JSON. */
function documentOf(whole) {
  const fields = [];
  flatten("", whole, fields);
  const list = terms(fields.slice(0, FIELDS_MAX).map(fieldOf), "terms fields");
  const more = fields.length > FIELDS_MAX
    ? h("button", {type: "button", onclick: event => {
      list.replaceChildren(...terms(fields.map(fieldOf), "terms").children);
      event.currentTarget.remove();
    }}, `Show all ${fields.length} fields`) : null;
  const json = h("pre", {tabindex: "0", "aria-label": "JSON"});
  return h("div", {}, list, more, h("details", {
    ontoggle: () => setText(json,
      JSON.stringify(whole, null, 2).split("\n").map(visible).join("\n")),
  }, h("summary", {}, "JSON"), json));
}

function flatten(prefix, object, fields) {
  for (const [name, part] of Object.entries(object)) {
    if (part !== null && typeof part === "object") {
      flatten(`${prefix}${name}.`, part, fields);
    } else {
      fields.push([prefix + name, part]);
    }
  }
}

function fieldOf([name, part]) {
  const isTime = /Timestamp$/.test(name) && Number(part) > 1e11;
  const shown = isTime ? [at(Number(part)), " ", h("small", {}, String(part))]
    : part === null ? "null"
    : part === "" ? h("span", {class: "faint"}, "empty")
    : value(part, /url$/i.test(name));
  return [h("bdi", {title: visible(name.slice(0, 1000))}, visible(name.slice(0, 200))), shown];
}

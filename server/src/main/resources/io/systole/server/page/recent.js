// SPDX-License-Identifier: Apache-2.0

/*
 * The last registrations, cancels, evictions and extensions, with their cause and who did them.
 */

import {curlButton, hash} from "./api.js";
import {ago, bdi, h, panel, setAgo, setText} from "./dom.js";
import {counted, visible} from "./format.js";
import {KINDS} from "./live.js";
import {Table} from "./table.js";

const LABELS = {
  registered: "Registered", cancelled: "Cancelled", evicted: "Evicted", extended: "Extended",
};

/** Returns the newest events of all kinds, or of one. */
export function latest(recent, limit, kind = null) {
  const all = kind ? [...recent[kind]]
    : KINDS.flatMap(each => recent[each].slice(0, limit)).sort((a, b) => b.atMs - a.atMs);
  return all.slice(0, limit);
}

/** Returns the reason of a removal in words: its cause, and who did it. */
export function reasonOf(event) {
  const who = [event.by, event.principal, event.from && `from ${event.from}`]
    .filter(Boolean).join(" ");
  const cause = event.cause === event.by ? null : event.cause;
  return [cause, who && `by ${who}`].filter(Boolean).join(", ");
}

/** Returns a short list of events. */
export function eventList(events) {
  if (events.length === 0) {
    return h("p", {class: "faint"}, "Nothing has changed since the node started.");
  }
  return h("ul", {class: "events"}, events.map(event => h("li", {},
    h("span", {class: "kind", "data-kind": event.kind}, LABELS[event.kind]),
    h("span", {class: "what"}, h("a", {href: hash("applications", event.app)}, bdi(event.app)), " ",
      h("a", {href: hash("applications", event.app, event.id)}, bdi(event.id)),
      h("span", {class: "faint", title: visible(event.because ?? "") || null},
        " ", visible(reasonOf(event)))),
    ago(event.atMs))));
}

export function recent({live, route, signal}) {
  const kind = KINDS.includes(route.query.get("kind")) ? route.query.get("kind") : null;
  let isPaused = false;
  const columns = [
    {key: "id", label: "Instance", className: "wide", fill: (cell, row) => {
      setText(cell, visible(row.id));
      cell.title = visible(row.id);
    }},
    {key: "app", label: "Application", className: "wide", fill: (cell, row) =>
      setText(cell, visible(row.app))},
    {key: "kind", label: "Change", fill: (cell, row) => {
      const text = cell.firstChild ?? cell.appendChild(h("span", {class: "kind"}));
      text.dataset.kind = row.kind;
      setText(text, LABELS[row.kind]);
    }},
    {key: "reason", label: "Cause and who", className: "wide", fill: (cell, row) => {
      setText(cell, visible(reasonOf(row)));
      cell.classList.toggle("zero", cell.textContent === "");
      cell.title = visible(row.because ?? "");
    }},
    {key: "because", label: "Because", className: "widest optional", fill: (cell, row) => {
      setText(cell, visible(row.because ?? ""));
      cell.title = visible(row.because ?? "");
    }},
    {key: "at", label: "When", className: "number", fill: (cell, row) =>
      setAgo(cell.firstChild ?? cell.appendChild(ago(row.atMs)), row.atMs)},
  ];
  const table = new Table(columns, {
    label: "Last changes", name: `recent ${kind}`, className: "changes", narrowRem: 56,
    key: row => `${row.kind} ${row.atMs} ${row.app} ${row.id}`,
    href: row => hash("applications", row.app, row.id),
  });
  const summary = h("p", {class: "faint"});
  const pause = h("button", {type: "button", "aria-pressed": "false", onclick: () => {
    isPaused = !isPaused;
    pause.setAttribute("aria-pressed", String(isPaused));
    setText(pause, isPaused ? "Resume" : "Pause");
    update();
  }}, "Pause");
  const tabs = h("div", {class: "choices", role: "group", "aria-label": "Kind of change"},
    [null, ...KINDS].map(each => h("a", {
      href: each ? `#/recent?kind=${each}` : "#/recent",
      "aria-current": each === kind ? "true" : null,
    }, each ? LABELS[each] : "All")));

  function update() {
    if (isPaused) {
      return;
    }
    const rows = latest(live.recent, 2000, kind);
    table.setRows(rows);
    setText(summary, rows.length === 0 ? "None since the node started."
      : `The last ${counted(rows.length, "change")}${live.recentDropped > 0
        ? `; ${counted(live.recentDropped, "more")} came faster than the stream reports` : ""}. `
        + "The curl command returns up to 1,000 of each kind.");
  }

  live.on(["recent"], update, signal);
  signal.addEventListener("abort", () => table.dispose());
  update();
  const section = panel("Changes", [pause, curlButton("/systole/recent?limit=1000")],
    tabs, summary, table.element);
  return {
    element: h("div", {}, h("div", {class: "title"}, h("h1", {tabindex: "-1"}, "Recent")), section),
    title: "Recent",
  };
}

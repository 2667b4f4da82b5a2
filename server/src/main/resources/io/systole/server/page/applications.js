// SPDX-License-Identifier: Apache-2.0

/*
 * All applications with their instances by status, kept by the event stream; and the instances
 * that match the search, which the node searches.
 */

import {curlButton, hash, request} from "./api.js";
import {ago, announce, h, panel, setAgo, setStatus, setText, status} from "./dom.js";
import {count, counted, STATUSES, visible} from "./format.js";
import {fillNumber, Table} from "./table.js";

const DEBOUNCE_MS = 40;
const REPEAT_MS = 2000;
const FOUND_MAX = 200;

/** The column of the text that is searched, made when it is needed. */
const TEXT = 9;

const KEYS = ["name", "instances", ...STATUSES, "expired", "protected"];
const LABELS = {
  name: "Application", instances: "Instances", UP: "UP", DOWN: "DOWN", STARTING: "STARTING",
  OUT_OF_SERVICE: "OUT OF SERVICE", UNKNOWN: "UNKNOWN", expired: "Expired", protected: "Protected",
};

export function applications({live, route, navigate, signal}) {
  let query = route.query.get("q") ?? "";
  let sort = KEYS.includes(route.query.get("sort")) ? route.query.get("sort") : "name";
  let isDescending = route.query.get("desc") === "1";

  const table = new Table(KEYS.map((key, i) => ({
    key, label: LABELS[key], isSortable: true,
    className: i === 0 ? "wide" : `number ${STATUSES.includes(key) ? "of-status" : ""} ${key}`,
    fill: i === 0
      ? (cell, row) => {
        setText(cell, visible(row[0]));
        cell.title = visible(row[0]);
      }
      : (cell, row) => fillNumber(cell, row[i], count(row[i])),
  })), {
    label: "Applications", name: "applications", className: "applications", narrowRem: 48,
    key: row => row[0],
    href: row => hash("applications", row[0]), onSort: sortBy,
  });
  const summary = h("p", {class: "summary"});
  const sorts = h("select", {onchange: () => sortBy(sorts.value)},
    KEYS.map(key => h("option", {value: key}, LABELS[key])));
  const found = new FoundInstances(signal);
  const list = panel("Applications", curlButton(() => "/systole/applications?limit=10000"
    + (query ? `&search=${encodeURIComponent(query)}` : "")),
  summary, h("label", {class: "sorts"}, "Sort by ", sorts), table.element);

  function sortBy(key) {
    isDescending = key === sort ? !isDescending : key !== "name";
    sort = key;
    remember();
    update();
  }

  function remember() {
    const state = new URLSearchParams();
    if (query) {
      state.set("q", query);
    }
    if (sort !== "name" || isDescending) {
      state.set("sort", sort);
    }
    if (isDescending) {
      state.set("desc", "1");
    }
    navigate.list = "#/applications" + (state.size > 0 ? `?${state}` : "");
    navigate.replace(navigate.list);
  }

  function update() {
    const rows = sorted(matching(live.applications, query), KEYS.indexOf(sort), isDescending);
    table.setSort(sort, isDescending);
    sorts.value = sort;
    table.setRows(rows);
    setText(summary, !live.areApplicationsComplete && live.applications.size === 0
      ? "Loading the applications." : query
        ? `${count(rows.length)} of ${counted(live.applications.size, "application")} match.`
        : counted(rows.length, "application") + ".");
  }

  function search(text) {
    query = text;
    remember();
    update();
    found.search(text);
  }

  live.on(["applications"], () => {
    update();
    found.changed();
  }, signal);
  signal.addEventListener("abort", () => table.dispose());
  navigate.list = location.hash;
  const element = h("div", {}, h("h1", {class: "hidden", tabindex: "-1"}, "Applications"), list,
    found.element);
  update();
  found.search(query);
  return {
    element,
    title: "Applications", search, query,
  };
}

function matching(all, query) {
  const wanted = query.trim().toLowerCase();
  const rows = [];
  for (const row of all.values()) {
    if (wanted === "" || (row[TEXT] ??= row[0].toLowerCase()).includes(wanted)) {
      rows.push(row);
    }
  }
  return rows;
}

function sorted(rows, column, isDescending) {
  const sign = isDescending ? -1 : 1;
  const byName = (a, b) => a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
  return rows.sort((a, b) => column === 0 ? sign * byName(a, b)
    : sign * (a[column] - b[column]) || byName(a, b));
}

/** The instances of all applications that match the search. */
class FoundInstances {
  #signal;
  #table;
  #summary = h("p", {class: "summary"});
  #isAnnounced = true;
  #query = "";
  #timer = 0;
  #attempt = null;
  #finishedMs = 0;

  constructor(signal) {
    this.#signal = signal;
    const text = field => (cell, row) => {
      setText(cell, visible(row[field]));
      cell.title = visible(row[field]);
    };
    this.#table = new Table([
      {key: "id", label: "Instance", className: "wide", fill: text("id")},
      {key: "app", label: "Application", className: "wide", fill: text("app")},
      {key: "hostName", label: "Host", className: "wide optional", fill: text("hostName")},
      {key: "ipAddr", label: "Address", className: "address optional", fill: text("ipAddr")},
      {key: "status", label: "Status", fill: (cell, row) =>
        setStatus(cell.firstChild ?? cell.appendChild(status(row.status)), row.status)},
      {key: "lastRenewal", label: "Renewed", fill: (cell, row) =>
        setAgo(cell.firstChild ?? cell.appendChild(ago(row.lastRenewalMs)), row.lastRenewalMs)},
    ], {
      label: "Matching instances", name: "found", className: "found", narrowRem: 52,
      key: row => `${row.app} ${row.id}`, href: row => hash("applications", row.app, row.id),
    });
    this.element = panel("Instances", curlButton(() => this.#url()), this.#summary,
      this.#table.element);
    this.element.hidden = true;
    signal.addEventListener("abort", () => {
      clearTimeout(this.#timer);
      this.#table.dispose();
    });
  }

  search(query) {
    this.#query = query.trim();
    this.#isAnnounced = false;
    this.element.hidden = this.#query === "";
    this.element.parentNode?.classList.toggle("isSearching", this.#query !== "");
    // At once, unless the search for the previous key is still due or running.
    const isIdle = this.#attempt === null && this.#timer === 0;
    this.#attempt?.abort();
    this.#attempt = null;
    this.#schedule(isIdle ? 0 : DEBOUNCE_MS);
  }

  /** Searches again, as the registry has changed. */
  changed() {
    if (this.#attempt === null && this.#timer === 0) {
      this.#schedule(Math.max(0, this.#finishedMs + REPEAT_MS - Date.now()));
    }
  }

  #schedule(delayMs) {
    clearTimeout(this.#timer);
    this.#timer = this.#query === "" ? 0 : setTimeout(() => this.#request(), delayMs);
  }

  #url() {
    return `/systole/instances?search=${encodeURIComponent(this.#query)}&limit=${FOUND_MAX}`;
  }

  async #request() {
    this.#timer = 0;
    const attempt = this.#attempt = new AbortController();
    try {
      const {total, matching: matches, instances} = await request("GET", this.#url(),
        AbortSignal.any([this.#signal, attempt.signal]));
      this.#table.setRows(instances);
      setText(this.#summary, `${count(matches)} of ${counted(total, "instance")} match`
        + (matches > instances.length ? `; the first ${count(instances.length)} are shown.` : "."));
    } catch (error) {
      if (!attempt.signal.aborted && !this.#signal.aborted) {
        setText(this.#summary, `The search failed: ${visible(error.message)}`);
      }
    }
    if (this.#attempt === attempt) {
      if (!this.#isAnnounced) {
        this.#isAnnounced = true;
        announce([...document.querySelectorAll(".summary")].map(each => each.textContent)
          .join(" "));
      }
      this.#attempt = null;
      this.#finishedMs = Date.now();
    }
  }
}

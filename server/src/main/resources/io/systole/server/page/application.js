// SPDX-License-Identifier: Apache-2.0

/*
 * One application: why it is in its state, and its instances, kept by an event stream of their
 * own.
 */

import {actionButtons} from "./actions.js";
import {curlButton, hash, path, repeat, request, RequestError} from "./api.js";
import {
  ago, announce, h, nodeNow, panel, refill, sentence, setAgo, setStatus, setText, status, terms,
} from "./dom.js";
import {count, counted, delay, STATUSES, visible} from "./format.js";
import {Stream} from "./stream.js";
import {Table} from "./table.js";

const DRAW_MS = 250;

/** Columns of the rows of the stream, and the text that is searched, made when it is needed. */
const ID = 0, HOST = 1, ADDRESS = 2, PORT = 3, STATUS = 4, OVERRIDE = 5, RENEWAL = 6,
  DEADLINE = 7, STATE = 8, TEXT = 9;

export function application({live, route, navigate, signal}) {
  const app = route.names[0];
  const instances = new Instances(app, route, navigate, signal);
  const summary = h("p", {class: "lead"}, "Loading the application.");
  const facts = h("div");
  const actions = h("div", {class: "actions"});
  const expired = h("div");
  const explainUrl = path("explain", app);
  let isUnknown = false;

  const again = repeat(async () => {
    if (live.areApplicationsComplete && !live.applications.has(app)) {
      throw new RequestError("No instance of this application is registered.", 404);
    }
    const state = await request("GET", explainUrl, signal);
    summary.replaceChildren(sentence(state.summary));
    facts.replaceChildren(terms(factsOf(state), "terms across"));
    const isOpen = expired.querySelector("details")?.open === true;
    refill(expired, expiredList(app, state, isOpen));
  }, error => {
    summary.replaceChildren(sentence(error.message));
    facts.replaceChildren();
    expired.replaceChildren();
    isUnknown = error.code === 404;
    return isUnknown;
  }, signal);

  live.on(["applications"], () => {
    if (isUnknown && live.applications.has(app)) {
      isUnknown = false;
      again();
    }
  }, signal);

  function showActions() {
    actions.replaceChildren(...live.node?.isManaged === false ? [] : actionButtons({
      app, instances: () => live.applications.get(app)?.[1] ?? instances.size,
    }));
  }

  live.on(["node"], showActions, signal);
  showActions();
  return {
    element: h("div", {},
      h("nav", {class: "path", "aria-label": "Path"}, h("a", {href: navigate.list},
        "Applications")),
      h("div", {class: "title"}, h("h1", {tabindex: "-1"}, h("bdi", {}, visible(app))), actions),
      panel("State", curlButton(explainUrl), summary, facts, expired),
      instances.element),
    title: visible(app), up: navigate.list,
  };
}

function factsOf(state) {
  const delays = state.renewalDelay ?? {};
  const rules = Object.entries(state.protectedByRule ?? {}).filter(([, leases]) => leases > 0);
  return [
    ["Instances", count(state.instances)],
    ["Statuses", Object.entries(state.statuses ?? {}).map(([name, number]) =>
      [status(name), ` ${count(number)} `])],
    ["Expired", count(state.expired)],
    ["Protected", count(state.protected), rules.length > 0
      ? ` by rule ${rules.map(([rule, leases]) => `${rule}: ${count(leases)}`).join(", ")}` : null],
    ["Late", count(state.late)],
    state.expired > 0 && state.nextRunAtMs && ["Next eviction run", ago(state.nextRunAtMs),
      state.due > 0 ? `, evicts ${count(state.due)}` : null],
    delays.samples > 0 && ["Lateness of renewals", `median ${delay(delays.medianMs)}, `
      + `p99 ${delay(delays.p99Ms)}, max ${delay(delays.maxMs)}`],
  ];
}

function expiredList(app, {instancesExpired = [], expired}, isOpen) {
  if (instancesExpired.length === 0) {
    return "";
  }
  return h("details", {open: isOpen}, h("summary", {}, counted(expired, "expired lease")),
    h("ul", {}, instancesExpired.slice(0, 20).map(each => h("li", {},
      h("a", {href: hash("applications", app, each.id)}, h("bdi", {}, visible(each.id))),
      " ", sentence(each.summary)))));
}

/** The instances of the application in a table that can be filtered. */
class Instances {
  #app;
  #navigate;
  #rows = new Map();
  #received = new Map();
  /** The rows as sorted last: sorting them again is cheap, as they are nearly in order. */
  #ordered = [];
  #isComplete = false;
  #query;
  #status;
  #sort = "id";
  #isDescending = false;
  #table;
  #summary = h("p", {class: "summary"}, "Loading the instances.");
  #timer = 0;

  constructor(app, route, navigate, signal) {
    this.#app = app;
    this.#navigate = navigate;
    this.#query = route.query.get("q") ?? "";
    this.#status = route.query.get("status") ?? "";
    this.#table = new Table(this.#columns(), {
      label: "Instances", name: `instances of ${app}`, className: "instances", narrowRem: 69,
      key: row => row[ID], href: row => hash("applications", app, row[ID]),
      onSort: key => this.#sortBy(key),
    });
    const filter = h("input", {
      type: "search", placeholder: "Filter by id, host or address", value: this.#query,
      "aria-label": "Filter instances", spellcheck: "false", maxlength: "200",
      oninput: () => this.#filter(filter.value, this.#status),
    });
    const statuses = h("select", {
      "aria-label": "Status", onchange: () => this.#filter(this.#query, statuses.value),
    }, h("option", {value: ""}, "Any status"),
    [...STATUSES, "expired"].map(name => h("option", {value: name}, name)));
    statuses.value = this.#status;
    this.element = panel("Instances",
      curlButton(() => "/systole/instances?limit=10000&app=" + encodeURIComponent(app)),
      h("div", {class: "filters"}, filter, statuses), this.#summary, this.#table.element);
    const stream = new Stream(path("stream", app), {instances: data => this.#receive(data)});
    signal.addEventListener("abort", () => {
      stream.close();
      clearTimeout(this.#timer);
      this.#table.dispose();
    });
  }

  get size() {
    return this.#rows.size;
  }

  #columns() {
    const text = index => (cell, row) => {
      setText(cell, visible(row[index] ?? "–"));
      cell.title = visible(row[index] ?? "");
    };
    return [
      {key: "id", label: "Instance", className: "widest", isSortable: true, fill: text(ID)},
      {key: "host", label: "Host", className: "wide optional", isSortable: true,
        fill: text(HOST)},
      {key: "address", label: "Address", className: "address", fill: (cell, row) =>
        setText(cell, `${visible(row[ADDRESS] ?? "–")}:${row[PORT] ?? ""}`)},
      {key: "status", label: "Status", className: "state", isSortable: true, fill: fillStatus},
      {key: "renewal", label: "Renewed", isSortable: true, fill: (cell, row) =>
        setAgo(cell.firstChild ?? cell.appendChild(ago(row[RENEWAL])), row[RENEWAL])},
      {key: "deadline", label: "Lease", className: "state lease", isSortable: true,
        fill: fillLease},
    ];
  }

  #receive({reset, more, rows, removed = []}) {
    if (reset) {
      this.#received = new Map();
      this.#isComplete = false;
    }
    if (this.#isComplete) {
      this.#change(rows, removed);
    } else {
      rows.forEach(row => this.#received.set(row[ID], row));
    }
    if (!this.#isComplete && !more) {
      this.#rows = this.#received;
      this.#ordered = [...this.#rows.values()];
      this.#isComplete = true;
    }
    if (this.#isComplete && this.#timer === 0) {
      this.#timer = setTimeout(() => this.#draw(), reset ? 0 : DRAW_MS);
    }
  }

  /** Writes new values into the rows that are there, so that their order is kept. */
  #change(rows, removed) {
    for (const row of rows) {
      const known = this.#rows.get(row[ID]);
      if (known) {
        known.length = 0;
        known.push(...row);
      } else {
        this.#rows.set(row[ID], row);
        this.#ordered.push(row);
      }
    }
    if (removed.filter(id => this.#rows.delete(id)).length > 0) {
      this.#ordered = this.#ordered.filter(row => this.#rows.get(row[ID]) === row);
    }
  }

  #filter(query, wanted) {
    this.#query = query;
    this.#status = wanted;
    const state = new URLSearchParams();
    if (query) {
      state.set("q", query);
    }
    if (wanted) {
      state.set("status", wanted);
    }
    this.#navigate.replace(hash("applications", this.#app) + (state.size > 0 ? `?${state}` : ""));
    this.#draw();
    announce(this.#summary.textContent);
  }

  #sortBy(key) {
    this.#isDescending = key === this.#sort && !this.#isDescending;
    this.#sort = key;
    this.#draw();
  }

  #draw() {
    this.#timer = 0;
    const query = this.#query.trim().toLowerCase();
    const column = {id: ID, host: HOST, status: STATUS, renewal: RENEWAL,
      deadline: DEADLINE}[this.#sort];
    const sign = this.#isDescending ? -1 : 1;
    this.#ordered.sort((a, b) => a[column] < b[column] ? -sign : a[column] > b[column] ? sign
      : a[ID] < b[ID] ? -1 : 1);
    const shown = this.#ordered.filter(row => this.#isWanted(row, query));
    this.#table.setSort(this.#sort, this.#isDescending);
    this.#table.setRows(shown);
    setText(this.#summary, query || this.#status
      ? `${count(shown.length)} of ${counted(this.#rows.size, "instance")} match.`
      : this.#rows.size === 0 ? "No instance of this application is registered."
        : `${counted(this.#rows.size, "instance")}.`);
  }

  #isWanted(row, query) {
    return (this.#status === "" || row[STATUS] === this.#status
        || this.#status === "expired" && row[STATE] !== "valid")
      && (query === "" || (row[TEXT] ??=
        `${row[ID]}\n${row[HOST]}\n${row[ADDRESS]}`.toLowerCase()).includes(query));
  }
}

function fillStatus(cell, row) {
  const text = cell.firstChild ?? cell.appendChild(status(row[STATUS]));
  setStatus(text, row[STATUS]);
  const note = cell.children[1] ?? cell.appendChild(h("small"));
  setText(note, row[OVERRIDE] ? " override" : "");
}

function fillLease(cell, row) {
  const name = row[STATE] === "valid" && row[DEADLINE] < nodeNow() ? "expired" : row[STATE];
  const state = cell.firstChild ?? cell.appendChild(h("span", {class: "lease-state"}));
  setText(state, visible(name));
  state.dataset.state = name;
  const time = cell.children[1] ?? cell.appendChild(ago(row[DEADLINE]));
  setAgo(time, row[DEADLINE]);
}

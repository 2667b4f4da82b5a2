// SPDX-License-Identifier: Apache-2.0

/*
 * The first view: what is wrong, if anything, the numbers of the node, and the start of each list.
 */

import {curlButton, hash} from "./api.js";
import {Chart} from "./charts.js";
import {h, panel, refill, sentence, setText, status} from "./dom.js";
import {bytes, clock, count, counted, delay, rate, visible} from "./format.js";
import {firstSteps} from "./firststeps.js";
import {clusterPanel, peersTable} from "./node.js";
import {eventList, latest} from "./recent.js";
import {SelfPreservation} from "./preservation.js";

const ATTENTION_MAX = 8;
const EVENTS_MAX = 8;

export function overview({live, signal}) {
  const problems = h("ul", {class: "problems", "aria-label": "State of the node"});
  const tiles = new Tiles();
  const charts = [
    new Chart("Renewals per second",
      [{column: "renewals", label: "renewals/s", colour: 0}], rate, live.points),
    new Chart("Lateness of renewals", [{column: "p50", label: "p50", colour: 0},
      {column: "p99", label: "p99", colour: 1, dash: [5, 3]}], delay, live.points),
  ];
  const preservation = new SelfPreservation();
  const attention = h("div");
  const events = h("div");
  const peers = h("div");
  const full = h("div", {class: "overview"},
    h("section", {class: "panel plots", "aria-label": "Plots"}, charts.map(each => each.element)),
    preservation.element,
    panel("Applications to look at", [h("a", {href: "#/applications"}, "All applications"),
      curlButton("/systole/applications?limit=10000")], attention),
    panel("Last changes", [h("a", {href: "#/recent"}, "All changes"),
      curlButton("/systole/recent?limit=100")], events),
    clusterPanel(live, signal),
    panel("Peers", [h("a", {href: "#/peers"}, "Details"), curlButton("/systole/peers")], peers));
  const empty = h("div", {hidden: true});
  const element = h("div", {},
    h("div", {class: "title"}, h("h1", {tabindex: "-1"}, "Overview"),
      h("span", {class: "tools"}, curlButton("/systole/overview"))),
    problems, empty, tiles.element, full);

  let shownProblems = "";
  function showProblems() {
    const all = problemsOf(live);
    const key = all.map(each => each.join(" ")).join("\n");
    if (key !== shownProblems) {
      shownProblems = key;
      problems.replaceChildren(...all.map(([severity, label, text]) =>
        h("li", {"data-severity": severity}, h("b", {}, label), " ", sentence(text))));
    }
  }

  function showEmpty() {
    const isEmpty = live.tick?.leases === 0 && live.applications.size === 0 && live.node;
    if (isEmpty && empty.hidden) {
      empty.replaceChildren(firstSteps(live.node));
    }
    empty.hidden = !isEmpty;
  }

  live.on(["tick", "node", "applications"], changed => {
    showProblems();
    showEmpty();
    if (changed.has("tick")) {
      tiles.update(live.tick);
      charts.forEach(chart => chart.update());
      preservation.update(live.tick);
      refill(peers, peersTable(live.tick.peers ?? [], false));
    }
    if (changed.has("applications")) {
      refill(attention, attentionTable(live));
    }
  }, signal);
  live.on(["recent"], () =>
    refill(events, eventList(latest(live.recent, EVENTS_MAX))), signal);
  const restyle = () => charts.forEach(chart => chart.restyle());
  document.addEventListener("themechange", restyle, {signal});
  signal.addEventListener("abort", () => charts.forEach(chart => chart.dispose()));

  events.replaceChildren(eventList(latest(live.recent, EVENTS_MAX)));
  attention.replaceChildren(attentionTable(live));
  showProblems();
  showEmpty();
  if (live.tick) {
    tiles.update(live.tick);
    preservation.update(live.tick);
    peers.replaceChildren(peersTable(live.tick.peers ?? [], false));
  }
  return {element, title: "Overview"};
}

/** Returns [severity, label, sentence] of each problem, or of their absence. */
export function problemsOf({tick, node}) {
  if (!tick) {
    return [["none", "Loading", "Waiting for the node."]];
  }
  const all = [];
  const preservation = tick.selfPreservation ?? {};
  if (preservation.isActive && tick.leases > 0) {
    all.push(["warning", "Self-preservation", preservation.summary]);
  }
  if (tick.store?.isDegraded) {
    all.push(["error", "Disk", tick.store.reason ?? "The data directory cannot be written."]);
  }
  if (tick.reads?.isWaiting) {
    all.push(["warning", "Reads wait", "Clients that read the registry receive 403"
      + `${tick.reads.untilMs ? ` until ${clock(tick.reads.untilMs)}` : ""}, or until the registry `
      + "of a peer is loaded."]);
  }
  for (const peer of tick.peers ?? []) {
    if (peer.state === "down") {
      all.push(["error", "Peer down", `${peer.url}: ${peer.lastFailure ?? "no response"}`]);
    }
  }
  const cluster = tick.cluster;
  if (cluster && !cluster.isComplete) {
    all.push(["warning", "Joining", "The registry of the cluster has not arrived yet."]);
  }
  if (cluster && cluster.members.length < cluster.membersExpected) {
    all.push(["error", "Member missing", `${count(cluster.members.length)} of `
      + `${count(cluster.membersExpected)} members of the cluster are in view.`]);
  }
  const unprotected = tick.expired - tick.protected;
  if (unprotected > 0) {
    all.push(["warning", "Expired",
      `${counted(unprotected, "expired lease")} will be evicted by one of the next runs.`]);
  }
  if (!preservation.isActive && tick.protected > 0) {
    all.push(["warning", "Protected",
      `${counted(tick.protected, "expired lease")} kept by protection rules.`]);
  }
  return all.length > 0 ? all : [["none", "In order", tick.leases === 0
    ? "The node is ready; no instance is registered."
    : `${counted(tick.leases, "instance")} of ${counted(tick.applications, "application")}; `
      + `none has expired${node?.isManaged === false ? "; this page only reads" : ""}.`]];
}

/** The numbers of the last second. */
class Tiles {
  #values = {};

  constructor() {
    const tile = (key, label, title) => h("div", {title}, h("dt", {}, label),
      this.#values[key] = h("dd", {}, "–"));
    this.element = h("dl", {class: "tiles"},
      tile("leases", "Instances"),
      tile("applications", "Applications"),
      tile("renewals", "Renewals/s"),
      tile("p50", "Lateness p50", "Half of the renewals were at most this late"),
      tile("p99", "Lateness p99", "99 of 100 renewals arrived at most so late"),
      tile("late", "Late", "Instances whose next renewal is overdue"),
      tile("expired", "Expired", "Leases beyond their deadline"),
      tile("protected", "Protected", "Expired leases that a rule keeps"),
      tile("requests", "Requests/s"),
      tile("connections", "Connections"),
      tile("lag", "Loop lag", "Delay of the event loops: how long a request waits for its turn"),
      tile("heap", "Heap used"));
  }

  update(tick) {
    const texts = {
      leases: count(tick.leases), applications: count(tick.applications),
      renewals: rate(tick.renewalsPerSecond), p50: delay(tick.delayP50Ms),
      p99: delay(tick.delayP99Ms), late: count(tick.late), expired: count(tick.expired),
      protected: count(tick.protected), requests: rate(tick.requestsPerSecond),
      connections: count(tick.connections), heap: bytes(tick.heapUsedBytes),
      lag: delay(tick.loopLagMs),
    };
    for (const [key, text] of Object.entries(texts)) {
      setText(this.#values[key], text);
    }
    this.#values.expired.classList.toggle("marked", tick.expired > 0);
    this.#values.protected.classList.toggle("marked", tick.protected > 0);
    this.#values.late.classList.toggle("marked", tick.late > 0);
  }
}

/** The applications with most expired leases, then those with most instances that aren't UP. */
function attentionTable(live) {
  const rows = [];
  for (const row of live.applications.values()) {
    if (row[7] > 0 || row[1] > row[2]) {
      rows.push(row);
    }
  }
  if (rows.length === 0) {
    return h("p", {class: "faint"}, live.areApplicationsComplete
      ? "All instances are UP, and no lease has expired." : "Loading the applications.");
  }
  rows.sort((a, b) => b[7] - a[7] || (b[1] - b[2]) - (a[1] - a[2]) || (a[0] < b[0] ? -1 : 1));
  const more = rows.length - ATTENTION_MAX;
  return h("div", {class: "scroll"}, h("table", {class: "plain"},
    h("thead", {}, h("tr", {}, h("th", {scope: "col"}, "Application"),
      h("th", {scope: "col", class: "number optional"}, "Instances"),
      h("th", {scope: "col"}, "Not UP"),
      h("th", {scope: "col", class: "number"}, "Expired"),
      h("th", {scope: "col", class: "number optional"}, "Protected"))),
    h("tbody", {}, rows.slice(0, ATTENTION_MAX).map(row => h("tr", {},
      h("th", {scope: "row"}, h("a", {href: hash("applications", row[0])},
        h("bdi", {}, visible(row[0])))),
      h("td", {class: "number optional"}, count(row[1])),
      h("td", {class: "statuses"}, notUp(row)),
      h("td", {class: "number"}, count(row[7])),
      h("td", {class: "number optional"}, count(row[8])))))),
  more > 0 ? h("p", {class: "faint"}, `and ${counted(more, "more application")}`) : null);
}

function notUp(row) {
  const parts = ["DOWN", "STARTING", "OUT_OF_SERVICE", "UNKNOWN"]
    .map((name, i) => row[3 + i] > 0 ? [status(name), ` ${count(row[3 + i])} `] : null);
  return parts.some(Boolean) ? parts : "–";
}


// SPDX-License-Identifier: Apache-2.0

/*
 * The members of the native cluster, the peers with their lag, and the node itself.
 */

import {curlButton, repeat, request} from "./api.js";
import {ago, bdi, h, panel, refill, sentence, setText, terms, value} from "./dom.js";
import {bytes, count, counted, delay, duration, visible} from "./format.js";

/**
 * Returns a table of peers.
 *
 * @param peers from a tick; with details, from the endpoint of the peers
 */
export function peersTable(peers, isDetailed) {
  if (peers.length === 0) {
    return h("p", {class: "faint"}, "This node has no peers: it replicates to none.");
  }
  const head = (label, className) => h("th", {scope: "col", class: className}, label);
  return h("div", {class: "scroll", tabindex: isDetailed ? "0" : null,
    role: isDetailed ? "region" : null, "aria-label": isDetailed ? "Peers" : null},
  h("table", {class: "plain peers"},
    h("thead", {}, h("tr", {}, head("Peer"), head("State"), head("Lag", "number"),
      head("Due", "number"), isDetailed && [
        head("Last success", "optional"), ...["Failed", "Batches", "Sent", "Mean time"].map(label =>
          head(label, "number optional"))],
      head("Last failure", "optional"))),
    h("tbody", {}, peers.map(peer => h("tr", {},
      h("th", {scope: "row"}, bdi(peer.url), " ",
        h("small", {}, visible(peer.address ?? "")),
        peer.lastFailure ? h("div", {class: "narrow-only"}, sentence(peer.lastFailure)) : null),
      h("td", {}, h("span", {class: "peer", "data-state": peer.state}, visible(peer.state))),
      h("td", {class: "number"}, delay(peer.lagMs)),
      h("td", {class: "number", title: "Leases with a change to send"}, count(peer.due)),
      isDetailed && [
        h("td", {class: "optional"}, ago(peer.lastSuccessMs)),
        h("td", {class: "number optional"}, count(peer.failed)),
        h("td", {class: "number optional"}, count(peer.batches)),
        h("td", {class: "number optional"}, bytes(peer.bytesSent)),
        h("td", {class: "number optional"}, delay(peer.batchMsMean))],
      h("td", {class: "optional"},
        peer.lastFailure ? sentence(peer.lastFailure) : "none since"))))));
}

const CLUSTER_PATH = "/systole/cluster";

/** Returns a panel with the native cluster, hidden while the node is in none. */
export function clusterPanel(live, signal) {
  const place = h("div");
  const section = panel("Native cluster", curlButton(CLUSTER_PATH), place);
  const show = () => {
    const cluster = live.tick?.cluster;
    section.hidden = !cluster;
    if (cluster) {
      refill(place, clusterTable(cluster));
    }
  };
  live.on(["tick"], show, signal);
  show();
  return section;
}

/** Returns the members of a native cluster, whose names are those that they give themselves. */
export function clusterTable(cluster) {
  const {members, membersExpected} = cluster;
  const size = members.length < membersExpected ? `${count(members.length)} of ${
    count(membersExpected)} members are` : `${counted(members.length, "member")} `
    + `${members.length === 1 ? "is" : "are"}`;
  const head = (label, className) => h("th", {scope: "col", class: className}, label);
  return h("div", {},
    h("p", {}, bdi(cluster.name), `: ${size} in view ${count(cluster.view)}. This node `,
      cluster.isComplete ? "holds the registry of the cluster."
        : "waits for the registry of the cluster."),
    h("div", {class: "scroll"}, h("table", {class: "plain members"},
      h("thead", {}, h("tr", {}, head("Member"), head("State"), head("Last renewals"),
        head("Protocol", "number optional"))),
      h("tbody", {}, members.map(member => h("tr", {},
        h("th", {scope: "row"}, bdi(member.name), " ", h("small", {}, bdi(member.url ?? ""))),
        h("td", {}, h("span", {class: "peer", "data-state": memberState(member)},
          memberState(member))),
        h("td", {}, member.isSelf ? "this node" : ago(member.lastBeatMs)),
        h("td", {class: "number optional"}, count(member.protocolMax))))))));
}

function memberState(member) {
  return member.isDraining ? "leaving" : member.isComplete ? "complete" : "joining";
}

export function peers({live, signal}) {
  const place = h("div");
  const section = panel("Replication", curlButton("/systole/peers"), place);
  repeat(async () => {
    const {node, peers: all} = await request("GET", "/systole/peers", signal);
    place.replaceChildren(peersTable(all, true),
      h("p", {class: "faint"}, "The id of this run is ", h("code", {}, visible(node)),
        ". The state of a peer is that of the last request to it."));
  }, error => {
    place.replaceChildren(peersTable(live.tick?.peers ?? [], false),
      h("p", {class: "faint"}, sentence(error.message)));
  }, signal);
  return {
    element: h("div", {}, h("div", {class: "title"}, h("h1", {tabindex: "-1"}, "Peers")),
      clusterPanel(live, signal), section),
    title: "Peers",
  };
}

export function node({signal}) {
  const facts = h("div");
  const jvm = h("div");
  const options = h("div");
  repeat(async () => {
    const state = await request("GET", "/systole/node", signal);
    facts.replaceChildren(terms(factsOf(state)));
    jvm.replaceChildren(terms(jvmOf(state)));
    const shown = JSON.stringify(state.options);
    if (options.dataset.shown !== shown) {
      options.dataset.shown = shown;
      options.replaceChildren(optionsTable(state.options ?? []));
    }
  }, error => setText(facts.querySelector(".failure")
    ?? facts.insertBefore(h("p", {class: "failure"}), facts.firstChild), error.message), signal);
  return {
    element: h("div", {}, h("div", {class: "title"}, h("h1", {tabindex: "-1"}, "Node"),
      h("span", {class: "tools"}, curlButton("/systole/node"))),
    h("div", {class: "columns"}, panel("Process", null, facts), panel("JVM", null, jvm)),
    panel("Options not at their default", curlButton("/systole/config"), options)),
    title: "Node",
  };
}

function factsOf(state) {
  const addresses = state.addresses ?? {};
  return [
    ["Version", visible(state.version), state.revision ? ` (${visible(state.revision)})` : null],
    ["Started", ago(state.startedAtMs)],
    ["Up for", duration(state.uptimeMs)],
    ["Host, process", bdi(state.host), `, ${state.pid}`],
    ["Main address", bdi(addresses.main ?? "–")],
    ["Management address", bdi(addresses.management ?? "the main address")],
    ["Base paths", bdi((state.basePaths ?? []).join(", "))],
    ["Data directory", state.dataDirectory ? bdi(state.dataDirectory)
      : "none: leases are lost when the node stops"],
    state.restoredLeases != null && ["Restored at the start",
      `${count(state.restoredLeases)} leases in ${duration(state.restoreMs)}`],
    state.openFiles != null && ["Open files",
      `${count(state.openFiles)} of at most ${count(state.maxOpenFiles)}`],
    ["Run", h("code", {}, visible(state.runId ?? "–"))],
  ];
}

function jvmOf(state) {
  const jvm = state.jvm ?? {};
  return [
    ["Java", visible(jvm.version ?? "–")],
    ["Vendor", visible(jvm.vendor ?? "–")],
    ["Heap", `${bytes(jvm.heapUsedBytes)} of at most ${bytes(jvm.heapMaxBytes)}`],
    ["Direct memory", bytes(jvm.directBytes)],
    ["Transport", visible(state.transport ?? "–")],
    ["Event loops", count(state.eventLoops)],
  ];
}

function optionsTable(all) {
  if (all.length === 0) {
    return h("p", {class: "faint"}, "Every option has its default.");
  }
  return h("div", {class: "scroll"}, h("table", {class: "plain"},
    h("thead", {}, h("tr", {}, ["Option", "Value", "Source"].map(label =>
      h("th", {scope: "col"}, label)))),
    h("tbody", {}, all.map(option => h("tr", {},
      h("th", {scope: "row"}, h("code", {}, visible(option.name))),
      h("td", {}, value(option.value ?? "")), h("td", {}, visible(option.source ?? "")))))));
}

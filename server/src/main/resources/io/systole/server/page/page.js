// SPDX-License-Identifier: Apache-2.0

/*
 * The entry of the page: the view that the hash of the URL names, the search, the state of the
 * connection, the theme, and the keys.
 */

import {application} from "./application.js";
import {applications} from "./applications.js";
import {announce, h, sentence, setText, startClock} from "./dom.js";
import {clock, duration, visible} from "./format.js";
import {instance} from "./instance.js";
import {Live} from "./live.js";
import {node, peers} from "./node.js";
import {overview} from "./overview.js";
import {recent} from "./recent.js";

const VIEWS = {"": overview, applications, recent, peers, node};
const LOST_AFTER_MS = 3000;

const live = new Live();
const content = document.getElementById("content");
const searchField = document.getElementById("search");
const navigate = {
  /** The hash of the list of applications as it was left. */
  list: "#/applications",
  /** Changes the URL to the state of the view that is shown, without showing it anew. */
  replace(hash) {
    history.replaceState(null, "", hash);
  },
};
let view = null;
let controller = null;

/** Returns the parts of a hash such as {@code #/applications/PAY/pay-0?q=x}. */
function routeOf(hash) {
  const [names, query = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const [name, ...rest] = names.split("/").map(part => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return {name, names: rest, query: new URLSearchParams(query)};
}

function show() {
  const route = routeOf(location.hash);
  const isFirst = view === null;
  controller?.abort();
  controller = new AbortController();
  let create = VIEWS[route.name] ?? unknown;
  if (route.name === "applications" && route.names.length > 0) {
    create = route.names.length === 1 ? application : instance;
  }
  const context = {live, route, navigate, signal: controller.signal};
  try {
    view = create(context);
  } catch (error) {
    view = failure(error);
  }
  content.replaceChildren(view.element);
  document.title = `${view.title} – Systole${live.node ? ` ${visible(live.node.host)}` : ""}`;
  for (const link of document.querySelectorAll("#views a")) {
    if (routeOf(link.hash).name === route.name) {
      link.setAttribute("aria-current", "page");
    } else {
      link.removeAttribute("aria-current");
    }
  }
  if (document.activeElement !== searchField) {
    searchField.value = view.query ?? "";
    if (!isFirst) {
      scrollTo(0, 0);
      content.querySelector("h1")?.focus({preventScroll: true});
    }
  }
}

function unknown() {
  return failure(new Error("There is no such view."));
}

function failure(error) {
  return {
    element: h("div", {}, h("h1", {tabindex: "-1"}, "Cannot be shown"),
      h("p", {class: "panel"}, sentence(error.message), " ", h("a", {href: "#/"}, "Overview"))),
    title: "Cannot be shown",
  };
}

function setUpSearch() {
  searchField.addEventListener("input", () => {
    if (view?.search) {
      view.search(searchField.value);
    } else if (searchField.value !== "") {
      location.hash = "#/applications?" + new URLSearchParams({q: searchField.value});
    }
  });
  searchField.addEventListener("keydown", event => {
    if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      content.querySelector(".grid")?.focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (searchField.value === "") {
        searchField.blur();
      } else {
        event.preventDefault();
        searchField.value = "";
        view?.search?.("");
      }
    }
  });
}

function setUpKeys() {
  document.addEventListener("keydown", event => {
    const isTyping = event.target.closest?.("input, textarea, select");
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) {
      return;
    }
    if (event.key === "/" && !isTyping) {
      event.preventDefault();
      searchField.focus();
      searchField.select();
    } else if (event.key === "Escape") {
      if (isTyping) {
        event.target.blur();
      } else if (view?.up) {
        location.hash = view.up;
      }
    }
  });
  document.getElementById("skip").addEventListener("click", event => {
    event.preventDefault();
    content.focus();
  });
}

function setUpTheme() {
  const button = document.getElementById("theme");
  const names = {auto: "Theme: system", light: "Theme: light", dark: "Theme: dark"};
  const label = () => setText(button, names[document.documentElement.dataset.theme ?? "auto"]);
  const changed = () => document.dispatchEvent(new Event("themechange"));
  button.addEventListener("click", () => {
    const next = {auto: "light", light: "dark", dark: "auto"}[
      document.documentElement.dataset.theme ?? "auto"];
    if (next === "auto") {
      delete document.documentElement.dataset.theme;
    } else {
      document.documentElement.dataset.theme = next;
    }
    try {
      localStorage.setItem("systole.theme", next);
    } catch {
      // Storage is blocked: the theme lasts until the page is left.
    }
    label();
    changed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  label();
}

/** Shows the state of the connection, and the age of the data while it is lost. */
function setUpConnection() {
  const badge = document.getElementById("connection");
  const banner = document.getElementById("lost");
  let isLost = false;
  const update = () => {
    const silentMs = Date.now() - live.lastEventMs;
    const wasLost = isLost;
    isLost = live.state === "lost"
      || live.state === "connecting" && Date.now() - live.stateSinceMs > LOST_AFTER_MS;
    badge.dataset.state = isLost ? "lost" : live.state;
    setText(badge, isLost ? "Not connected" : live.state === "live" ? "Live" : "Connecting");
    banner.hidden = !isLost;
    document.body.classList.toggle("isLost", isLost);
    if (isLost) {
      setText(banner, (live.tick === null ? "The node cannot be reached"
        : `The connection to the node is lost. What is shown is ${duration(silentMs)} old, of `
          + clock(live.lastEventMs))
        + (live.reason ? `. The node responds: ${visible(live.reason)}` : ".")
        + " Trying again every 2 s.");
    }
    if (isLost !== wasLost) {
      announce(isLost ? "The connection to the node is lost." : "Connected to the node.");
    }
  };
  live.on(["connection"], update);
  setInterval(update, 1000);
}

/** Reports the beginning and end of self-preservation to screen readers. */
function announceProtection() {
  let wasActive = null;
  live.on(["tick"], () => {
    const {isActive} = live.tick.selfPreservation ?? {};
    if (wasActive !== null && isActive !== wasActive) {
      announce(isActive ? "Self-preservation is now active." : "Self-preservation has ended.");
    }
    wasActive = isActive;
  });
}

live.on(["node"], () => {
  setText(document.getElementById("host"), visible(live.node.host));
  document.title = `${view.title} – Systole ${visible(live.node.host)}`;
});
live.connect();
startClock();
setUpSearch();
setUpKeys();
setUpTheme();
setUpConnection();
announceProtection();
addEventListener("hashchange", show);
show();

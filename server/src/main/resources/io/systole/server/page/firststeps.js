// SPDX-License-Identifier: Apache-2.0

/*
 * What an empty registry shows: how to register the first instance at this node.
 */

import {copy} from "./api.js";
import {h, panel} from "./dom.js";
import {shellQuoted, visible} from "./format.js";

export function firstSteps(node) {
  const base = protocolUrl(node);
  const instance = JSON.stringify({instance: {
    instanceId: "i-1", hostName: "host-1", app: "DEMO", ipAddr: "10.0.0.1", status: "UP",
    dataCenterInfo: {
      "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", name: "MyOwn",
    },
  }});
  return panel("No instance is registered yet", null,
    h("p", {}, "Register the first one with curl; it appears here within a second:"),
    command(`curl -i ${shellQuoted(base + "/apps/DEMO")} -H 'Content-Type: application/json' `
      + `-d ${shellQuoted(instance)}`),
    h("p", {}, "Renew its lease, every 30 seconds:"),
    command(`curl -i -X PUT ${shellQuoted(base + "/apps/DEMO/i-1?status=UP")}`),
    h("p", {}, "A Spring Boot application with ",
      h("code", {}, "spring-cloud-starter-netflix-eureka-client"), " needs only the address:"),
    command(`eureka.client.service-url.defaultZone=${springUrl(node)}`));
}

function command(text) {
  return h("div", {class: "command"}, h("code", {tabindex: "0"}, visible(text)),
    h("button", {
      type: "button", class: "quiet", onclick: event => copy(text, event.currentTarget),
    }, "Copy"));
}

function springUrl(node) {
  const path = (node.basePaths ?? []).find(each => each === "/eureka");
  return path ? origin(node) + path + "/" : protocolUrl(node) + "/";
}

/** Returns the URL of the node's first base path. */
function protocolUrl(node) {
  return origin(node) + (node.basePaths?.[0] ?? "/v2").replace(/\/$/, "");
}

/**
 * Returns scheme, host and port of the main address. On the main address that is where this page
 * comes from; if the page comes from the management address, only the port differs.
 */
function origin(node) {
  const {main, management} = node.addresses ?? {};
  if (!main || !management || main === management) {
    return location.origin;
  }
  const scheme = /^(https?):\/\//.exec(main)?.[1] ?? location.protocol.slice(0, -1);
  const port = /:(\d+)\/?$/.exec(main)?.[1];
  const host = main.replace(/^https?:\/\//, "").replace(/:\d+\/?$/, "");
  const isWildcard = /^\[?(0\.0\.0\.0|::|0(:0){7}|\*|)\]?$/.test(host);
  return `${scheme}://${isWildcard ? location.hostname : host}${port ? ":" + port : ""}`;
}

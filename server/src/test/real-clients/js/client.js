// SPDX-License-Identifier: Apache-2.0
// Registers, says what the client sees whenever that changes, and ends with the standard input.
'use strict';

const { Eureka } = require('eureka-js-client');

const [base, app, instanceId, mode] = process.argv.slice(2);
const { hostname, port, pathname } = new URL(base);

const client = new Eureka({
  instance: {
    app,
    instanceId,
    hostName: hostname,
    ipAddr: hostname,
    port: { $: 8080, '@enabled': true },
    vipAddress: app,
    dataCenterInfo: {
      '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
      name: 'MyOwn',
    },
  },
  eureka: {
    host: hostname,
    port,
    servicePath: `${pathname}apps/`,
    heartbeatInterval: 1000,
    registryFetchInterval: 1000,
    filterUpInstances: false,
  },
  shouldUseDelta: mode === 'delta',
});

let said = '';

function say() {
  const instances = Object.values(client.cache.app)
    .flat()
    .map((instance) => `${instance.app}/${instance.instanceId}=${instance.status}`)
    .sort();
  const line = `sees ${instances.join(' ')}`;
  if (line !== said) {
    said = line;
    console.log(line);
  }
}

client.start((failure) => {
  if (failure) {
    throw failure;
  }
  setInterval(say, 50);
});
process.stdin.resume();
process.stdin.on('end', () => client.stop((failure) => process.exit(failure ? 1 : 0)));

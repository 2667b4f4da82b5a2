// SPDX-License-Identifier: Apache-2.0
// A node and a load test as processes, and requests to the node that do not come from the page.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from './figures.mjs';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const SYSTOLE = process.env.PAGE_SYSTOLE ?? join(ROOT, 'server/bin/systole');
const LOAD_TEST = process.env.PAGE_LOAD_TEST ?? join(ROOT, 'load-test/bin/load-test');
const OUTPUT = process.env.PAGE_OUTPUT ?? mkdtempSync(join(tmpdir(), 'page-'));
const STOP_MS = 60_000;

/** What must not outlive this process. */
const children = new Set();
const folders = new Set();
process.once('exit', () => {
  children.forEach(child => child.kill('SIGKILL'));
  folders.forEach(folder => rmSync(folder, { recursive: true, force: true }));
});

export function outputFile(name) {
  return join(OUTPUT, name);
}

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'systole-page-'));
  folders.add(folder);
  return folder;
}

/** Starts a program that ends with this process; its errors are appended to a log. */
function launch(command, args, log) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stderr.pipe(createWriteStream(outputFile(log), { flags: 'a' }));
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function ended(child) {
  if (child.exitCode === null && child.signalCode === null) {
    const overdue = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await once(child, 'exit');
    clearTimeout(overdue);
  }
}

/** An instance as a client registers it; members of `changes` replace those of the document. */
export function instance(app, id, changes = {}) {
  return {
    instanceId: id,
    app,
    hostName: `${id}.example`,
    ipAddr: '10.0.0.1',
    status: 'UP',
    port: { $: 8080, '@enabled': 'true' },
    dataCenterInfo: {
      '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
      name: 'MyOwn',
    },
    ...changes,
  };
}

/** A running node. */
export class SystoleNode {
  /** Starts a node and returns when it accepts requests. */
  static async start(...options) {
    const node = new SystoleNode();
    const port = options.includes('--port') ? [] : ['--port', '0'];
    node.child = launch(SYSTOLE, ['--bind', '127.0.0.1', '--lame-duck', '0', ...port, ...options],
      'node.log');
    const ready = await new Promise((found, failed) => {
      createInterface(node.child.stdout).on('line', line => {
        const match = /^Systole is ready: (\S+)/.exec(line);
        if (match) found(match[1]);
      });
      node.child.once('error', failed);
      node.child.once('exit', code => failed(new Error(`the node exited with ${code}`)));
    });
    node.service = ready;
    node.origin = new URL(ready).origin;
    node.headers = {};
    return node;
  }

  get pid() {
    return this.child.pid;
  }

  get port() {
    return new URL(this.origin).port;
  }

  withUser(user, password) {
    this.headers.Authorization = `Basic ${btoa(`${user}:${password}`)}`;
    return this;
  }

  /** Returns the status of a request and its body as JSON, or null if it is none. */
  async send(method, path, body) {
    const headers = { Accept: 'application/json', ...this.headers };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const url = path.startsWith('/') ? this.origin + path : `${this.service}/${path}`;
    const response = await fetch(url, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, body: isJson && text ? JSON.parse(text) : null };
  }

  async request(method, path, body) {
    const response = await this.send(method, path, body);
    if (response.status >= 300) {
      throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(response.body)}`);
    }
    return response.body;
  }

  get(path) {
    return this.request('GET', path);
  }

  register(document) {
    return this.request('POST', `apps/${encodeURIComponent(document.app)}`,
      { instance: document });
  }

  cancel(app, id) {
    return this.request('DELETE', `apps/${path(app, id)}`);
  }

  renew(app, id) {
    return this.send('PUT', `apps/${path(app, id)}?status=UP`);
  }

  evict(app, id) {
    return this.request('POST', `/systole/evict/${path(app, id)}`);
  }

  override(app, id, status) {
    return this.request('PUT', `apps/${path(app, id)}/status?value=${status}`);
  }

  explain(app, id) {
    return this.get(`/systole/explain/${path(app, id)}`);
  }

  selfPreservation() {
    return this.get('/systole/self-preservation');
  }

  async stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    await ended(this.child);
  }
}

/** Returns the path segments of names, which may contain any character. */
export function path(...names) {
  return names.map(encodeURIComponent).join('/');
}

/** Small instances with short leases, which renew until they are silenced. */
export class Fleet {
  #silent = new Set();
  #timer;

  constructor(node, instances) {
    this.node = node;
    this.instances = instances;
  }

  /** Registers the instances and renews each of them every interval. */
  async start(intervalMs) {
    for (const document of this.instances) await this.node.register(document);
    this.#timer = setInterval(() => this.#renew(), intervalMs);
    return this;
  }

  async #renew() {
    const live = this.instances.filter(document => !this.#silent.has(document));
    // A node that restarts in between is not reachable; the next interval renews again.
    await Promise.allSettled(live.map(({ app, instanceId }) => this.node.renew(app, instanceId)));
  }

  silence(predicate) {
    this.instances.filter(predicate).forEach(document => this.#silent.add(document));
  }

  stop() {
    clearInterval(this.#timer);
  }
}

/** A load test that renews until it is stopped. */
export class Load {
  static async start(node, ...options) {
    const load = new Load();
    load.child = launch(LOAD_TEST, ['run', '--target', node.service, '--lag-max', '10000',
      '--no-compare', '--errors', '100%', '--duration', '2h', ...options], 'load-test.log');
    load.child.stdout.pipe(createWriteStream(outputFile('load-test.log'), { flags: 'a' }));
    return load;
  }

  /** Waits until the node has this many leases. */
  static async registered(node, leases) {
    await eventually(async () => {
      const { total } = await node.get('/systole/instances?limit=1');
      return total >= leases;
    }, `${leases} leases`, 300_000);
  }

  async stop() {
    this.child.kill('SIGKILL');
    await ended(this.child);
  }
}

/** Runs a load test to its end and returns its JSON report. */
export async function measure(node, file, ...options) {
  const child = launch(LOAD_TEST, ['run', '--target', node.service, '--json', file, ...options],
    'load-test.log');
  child.stdout.pipe(createWriteStream(outputFile('load-test.log'), { flags: 'a' }));
  const [code] = await once(child, 'exit');
  return code;
}

// SPDX-License-Identifier: Apache-2.0
// Measures the renewals of a node without readers of its event stream and with 50 of them, three of
// which are pages in Chromium and the others plain readers: 50 pages beside the node would measure
// Chromium. Rounds alternate, so that a drift of the machine affects both.
import { writeFileSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from './figures.mjs';
import { Page, startBrowser } from './page.mjs';
import { instance, measure, outputFile, SystoleNode, temporaryFolder } from './systole.mjs';

const PAGES = 3;
const CHANGE_MS = 50;

const { values: options } = parseArgs({ options: {
  rounds: { type: 'string', default: '3' },
  readers: { type: 'string', default: '50' },
  instances: { type: 'string', default: '100000' },
  interval: { type: 'string', default: '30s' },
  seconds: { type: 'string', default: '30' },
  'ratio-max': { type: 'string', default: '0' },
} });
const readers = Number(options.readers);
const folder = temporaryFolder();

/** Reads the event stream of a node to its end, and counts the bytes. */
function read(node, counts) {
  const request = get(`${node.origin}/systole/stream`, { agent: false }, response => {
    if (response.statusCode !== 200) counts.failures++;
    response.on('data', chunk => { counts.bytes += chunk.length; });
    response.on('error', () => {});
  });
  request.on('error', () => { counts.failures += counts.isClosing ? 0 : 1; });
  return request;
}

async function openReaders(node, count) {
  const counts = { bytes: 0, failures: 0, isClosing: false };
  const browser = count > 0 ? await startBrowser() : null;
  const pages = [];
  for (let opened = 0; opened < Math.min(PAGES, count); opened++) {
    const page = await Page.open(browser, node);
    await page.load('overview');
    pages.push(page);
  }
  const requests = [...Array(Math.max(0, count - PAGES))].map(() => read(node, counts));
  return {
    counts,
    async close() {
      counts.isClosing = true;
      requests.forEach(request => request.destroy());
      pages.forEach(page => page.requireClean());
      await browser?.close();
    },
  };
}

/** Registers and cancels an instance at a steady rate, so that streams have something to send. */
function change(node) {
  let number = 0;
  const timer = setInterval(() => {
    const id = `c-${number % 100}`;
    const isCancel = Math.floor(number / 100) % 2 === 1;
    number++;
    const sent = isCancel ? node.cancel('CHANGES', id) : node.register(instance('CHANGES', id));
    sent.catch(() => {});
  }, CHANGE_MS);
  return () => clearInterval(timer);
}

async function round(number, count) {
  const file = join(folder, `${number}-${count}.json`);
  const node = await SystoleNode.start('--data-dir', 'none');
  try {
    const opened = await openReaders(node, count);
    const stop = change(node);
    const code = await measure(node, file, '--instances', options.instances,
      '--interval', options.interval, '--duration', options.seconds, '--warmup', '10s',
      '--lag-max', '1000', '--no-compare', '--pid', String(node.pid));
    stop();
    await opened.close();
    const report = JSON.parse(readFileSync(file, 'utf8'));
    const { window, generator, cost } = report;
    const result = {
      round: number,
      readers: count,
      p50Ms: window.fromDue.p50Ms,
      p99Ms: window.fromDue.p99Ms,
      renewalsPerSec: window.renewalsPerSec,
      generatorLagP99Ms: generator.lagP99Ms,
      targetCpuUs: cost.targetCpuUs,
      streamBytes: opened.counts.bytes,
      isValid: code === 0 && opened.counts.failures === 0,
    };
    console.log(JSON.stringify(result));
    return result;
  } finally {
    await node.stop();
  }
}

const results = [];
for (let number = 1; number <= Number(options.rounds); number++) {
  for (const count of number % 2 ? [0, readers] : [readers, 0]) {
    results.push(await round(number, count));
  }
}

const p99 = count => median(results.filter(({ readers: with_ }) => with_ === count)
  .map(({ p99Ms }) => p99Ms));
const ratio = p99(readers) / p99(0);
console.log(`p99 from due: ${p99(0).toFixed(2)} ms without readers, `
  + `${p99(readers).toFixed(2)} ms with ${readers}; ratio ${ratio.toFixed(2)}`);
writeFileSync(outputFile('renewals.json'), JSON.stringify({ options, results, ratio }, null, 2));
const ratioMax = Number(options['ratio-max']);
const isWithin = ratioMax === 0 || ratio <= ratioMax;
process.exit(isWithin && results.every(({ isValid }) => isValid) ? 0 : 1);

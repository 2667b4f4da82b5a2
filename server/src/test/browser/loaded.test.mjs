// SPDX-License-Identifier: Apache-2.0
// The page of a node with 100,000 instances that renew.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { atLeast, atMost, median, SLACK } from './figures.mjs';
import { isRowCount, Page, SELECTORS, startBrowser } from './page.mjs';
import { instance, Load, outputFile, SystoleNode, temporaryFolder } from './systole.mjs';

const INSTANCES = Number(process.env.PAGE_INSTANCES ?? 100_000);
const APPLICATIONS = INSTANCES / 10;
const MEMORY_SECONDS = Number(process.env.PAGE_MEMORY_SECONDS ?? 60);

/** The heap after a collection may grow by the greater of these. */
const HEAP_GROWTH = 0.1;
const HEAP_GROWTH_BYTES = 2 << 20;
/** A list has more or fewer rows from one sample to the next. */
const NODES_GROWTH = 0.25;

let node;
let load;
let browser;

before(async () => {
  node = await SystoleNode.start('--data-dir', temporaryFolder());
  load = await Load.start(node,
    '--instances', String(INSTANCES), '--applications', String(APPLICATIONS), '--interval', '30s');
  await Load.registered(node, INSTANCES);
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await load?.stop();
  await node?.stop();
});

/** Opens the page in a tab, and requires at the end that nothing unexpected happened in it. */
async function onPage(t, options, use) {
  const page = await Page.open(browser, node, options);
  try {
    await use(page);
    page.requireClean();
  } finally {
    await page.close();
  }
}

test('load_withManyInstances_paintsWithinASecond', t => onPage(t, {}, async page => {
  const paints = [];
  const complete = [];
  for (let round = 0; round < 5; round++) {
    await page.load('applications');
    await page.wait((selector, count) =>
      Number(document.querySelector(selector)?.ariaRowCount) > count, SELECTORS.grid, APPLICATIONS);
    complete.push(await page.evaluate(() => performance.now()));
    paints.push(await page.evaluate(() =>
      performance.getEntriesByName('first-contentful-paint')[0].startTime));
  }

  atMost('first paint', median(paints), 1000);
  atMost('all applications', median(complete), 3000);
}));

/** Types a text, and measures from the event of its last key to the frame with the result. */
async function searchMs(page, text, isResult, ...args) {
  await page.setFilter(text.slice(0, -1));
  await page.evaluate(`{
    const isResult = ${isResult};
    const args = ${JSON.stringify(args)};
    window.searchMs = null;
    document.querySelector('${SELECTORS.search}').addEventListener('input', event => {
      const frame = () => {
        if (isResult(...args)) window.searchMs = performance.now() - event.timeStamp;
        else requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    }, { once: true, capture: true });
    0;
  }`);
  await page.tab.keyboard.type(text.at(-1));
  await page.wait(() => window.searchMs !== null);
  return page.evaluate(() => window.searchMs);
}

test('search_ofApplications_showsTheResultAtOnce', t => onPage(t, {}, async page => {
  const times = [];
  await page.load('applications');
  for (const number of [1234, 5678, 9000, 4321, 8765]) {
    const { matching } = await node.get(`/systole/applications?search=LOAD-${number}&limit=1`);
    times.push(await searchMs(page, `load-${number}`, isRowCount, SELECTORS.grid, matching));
  }

  atMost('search of applications', median(times), 100);
}));

/** Tests in the page whether the first instance found belongs to a host. */
function isFirstFound(host) {
  const id = document.querySelector('.found .space [role=row] a[href]')?.textContent;
  return id?.startsWith(`${host}:`) ?? false;
}

test('search_ofInstances_showsTheResultAtOnce', t => onPage(t, {}, async page => {
  const times = [];
  await page.load('applications');
  for (const number of [12345, 23456, 34567, 45678, 56789]) {
    const host = `host-${number % INSTANCES}`;
    times.push(await searchMs(page, host, isFirstFound, host));
  }

  atMost('search of instances', median(times), 100);
}));

test('registry_afterChanges_isShownWithinSeconds', t => onPage(t, {}, async page => {
  const app = 'VISIBILITY';
  await page.load('applications');
  await page.setFilter('visibility');
  let start = performance.now();
  await node.register(instance(app, 'v-1'));
  atMost('registration of an application', await page.shows(SELECTORS.application(app), start),
    2000);

  await page.show('application', app);
  start = performance.now();
  await node.register(instance(app, 'v-2'));
  atMost('registration', await page.shows(SELECTORS.instance(app, 'v-2'), start), 2000);

  start = performance.now();
  await node.override(app, 'v-2', 'OUT_OF_SERVICE');
  atMost('status change', await page.showsRow(['v-2', 'OUT_OF_SERVICE'], start), 2000);

  start = performance.now();
  await node.cancel(app, 'v-2');
  atMost('cancel', await page.hides(SELECTORS.instance(app, 'v-2'), start), 2000);

  await node.register(instance(app, 'v-3'));
  await page.shows(SELECTORS.instance(app, 'v-3'));
  start = performance.now();
  await node.evict(app, 'v-3');
  atMost('eviction', await page.hides(SELECTORS.instance(app, 'v-3'), start), 2000);

  await page.show('recent');
  start = performance.now();
  await node.evict(app, 'v-1');
  atMost('eviction among recent events',
    await page.showsRow(['Evicted', app, 'v-1'], start), 2000);
}));

test('scrolling_throughAllApplications_isSmooth', t => onPage(t, {}, async page => {
  await page.load('applications');
  await page.hasRows((await node.get('/systole/applications?limit=1')).total);
  await page.evaluate(() => {
    window.frames_ = [];
    const frame = atMs => {
      window.frames_.push(atMs);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  const before = await page.text(SELECTORS.row);
  await page.devTools.send('Input.synthesizeScrollGesture', {
    x: 600, y: 600, yDistance: -24_000, speed: 6000, gestureSourceType: 'mouse',
  });
  const frames = await page.evaluate(() => window.frames_);
  const gaps = frames.slice(1).map((atMs, index) => atMs - frames[index]);

  assert.notEqual(await page.text(SELECTORS.row), before, 'the list has not moved');
  atLeast('scrolling', gaps.length * 1000 / (frames.at(-1) - frames[0]), 50, 'frames/s');
  console.log(`longest frame: ${Math.max(...gaps).toFixed(1)} ms`);
}));

/** Registers and cancels instances, some hundred times a second, until it is stopped. */
function churn() {
  let isStopped = false;
  const run = async worker => {
    for (let round = 0; !isStopped; round++) {
      const app = `CHURN-${worker}-${round % 50}`;
      await node.register(instance(app, `c-${round % 500}`));
      await pause(5);
      await node.cancel(app, `c-${round % 500}`);
    }
  };
  const workers = [run(0), run(1)];
  return () => {
    isStopped = true;
    return Promise.all(workers);
  };
}

for (const view of ['overview', 'applications', 'recent']) {
  test(`${view}_underChurn_keepsItsMemory`, t => onPage(t, {}, async page => {
    await page.load(view);
    const stop = churn();
    const samples = [];
    const end = performance.now() + MEMORY_SECONDS * 1000;
    while (performance.now() < end) {
      await pause(Math.max(1000, MEMORY_SECONDS * 1000 / 40));
      samples.push(await page.memory());
    }
    await stop();

    const quarter = samples.length >> 2;
    const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)];
    for (const [name, allowed] of [
      ['heapBytes', from => Math.max(from * HEAP_GROWTH, HEAP_GROWTH_BYTES)],
      ['nodes', from => from * NODES_GROWTH],
      ['listeners', from => from * NODES_GROWTH],
    ]) {
      const [from, to] = [early, late].map(part => median(part.map(sample => sample[name])));
      console.log(`${view}, ${name} after ${MEMORY_SECONDS} s: ${from} -> ${to}`);
      assert.ok(to - from <= allowed(from),
        `${name} grew from ${from} to ${to}: ${JSON.stringify(samples)}`);
    }
  }));
}

for (const theme of ['light', 'dark']) {
  test(`applications_${theme}_fitEveryWidth`, t => onPage(t, { theme }, async page => {
    for (const width of [375, 1280, 2560]) {
      await page.resize(width, width === 375 ? 812 : 1000);
      await page.load('applications');
      await page.requireNoSidewaysScrolling();
      await page.screenshot(outputFile(`loaded-applications-${width}-${theme}.png`));
    }
  }));
}

console.log(`limits of times are multiplied by ${SLACK}`);

// SPDX-License-Identifier: Apache-2.0
// Every view: accessible in light and dark, at any width, without anything from elsewhere.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import { eventually } from './figures.mjs';
import { Page, SELECTORS, startBrowser, VIEWS } from './page.mjs';
import { Fleet, instance, outputFile, SystoleNode } from './systole.mjs';

const WIDTHS = [[375, 812], [1280, 900], [2560, 1300]];

let node;
let peer;
let fleet;
let browser;

before(async () => {
  peer = await SystoleNode.start('--data-dir', 'none');
  // One peer that responds and one that does not.
  node = await SystoleNode.start('--data-dir', 'none', '--eviction-interval', '1s',
    '--peers', `${peer.service},http://127.0.0.1:1/v2`, ...await clusterOptions());
  const leaseInfo = { renewalIntervalInSecs: 1, durationInSecs: 2 };
  const documents = ['ORDERS', 'BILLING', 'SEARCH'].flatMap(app => [1, 2, 3, 4].map(number =>
    instance(app, `${app.toLowerCase()}-${number}`, {
      leaseInfo,
      homePageUrl: `http://${app.toLowerCase()}-${number}.example:8080/`,
      metadata: { zone: `zone-${number % 2}`, version: '1.2.3' },
    })));
  fleet = await new Fleet(node, documents).start(500);
  fleet.silence(document => document.instanceId === 'billing-4');
  await node.override('ORDERS', 'orders-2', 'OUT_OF_SERVICE');
  await node.register(instance('GONE', 'gone-1'));
  await node.cancel('GONE', 'gone-1');
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  fleet?.stop();
  await node?.stop();
  await peer?.stop();
});

/** Returns the options of a member that creates a cluster, and misses another member. */
async function clusterOptions() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return ['--cluster', 'page', '--cluster-members', `127.0.0.1:${port},127.0.0.1:1`,
    '--cluster-port', String(port)];
}

test('cluster_members_areShownAndNamesAreInert', async () => {
  const page = await Page.open(browser, node);
  try {
    for (const view of ['overview', 'peers']) {
      await page.load(view);
      const shown = await eventually(() => page.evaluate(() =>
        document.querySelector('.members')?.closest('section').innerText), 'the cluster');
      assert.match(shown, /page: 1 of 2 members are in view/);
      assert.match(shown, /complete\s+this node/);
      await page.screenshot(outputFile(`cluster-${view}.png`));
    }
    await page.evaluate(async () => {
      const { clusterTable } = await import('/systole/ui/node.js');
      const name = '<img src=x onerror="window.ran=1">\u202E';
      document.querySelector('main').append(clusterTable({ name, view: 1, isComplete: false,
        membersExpected: 1, members: [{ name, url: 'javascript:window.ran=1', protocolMax: 1 }] }));
    });
    assert.equal(await page.evaluate(() => document.querySelectorAll('main img').length), 0);
    assert.equal(await page.evaluate(() => [...document.querySelectorAll('main a')]
      .filter(link => link.href.startsWith('javascript:')).length), 0);
    assert.equal(await page.evaluate(() => window.ran), undefined);
    page.requireClean();
  } finally {
    await page.close();
  }
});

async function requireAccessible(page, what) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, {
    resultTypes: ['violations'],
  }));
  const severe = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const lesser = violations.filter(violation => !severe.includes(violation));
  console.log(`${what}: ${severe.length} severe findings of axe-core, ${lesser.length} lesser`,
    lesser.map(({ id, nodes }) => `${id}: ${nodes[0].html}`).join('; '));
  assert.deepEqual(severe.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`), []);
}

const NAMES = { application: ['ORDERS'], instance: ['ORDERS', 'orders-2'] };

for (const theme of ['light', 'dark']) {
  for (const view of Object.keys(VIEWS)) {
    test(`${view}_${theme}_isAccessibleAtEveryWidth`, async () => {
      const page = await Page.open(browser, node, { theme });
      try {
        for (const [width, height] of WIDTHS) {
          await page.resize(width, height);
          await page.load(view, ...NAMES[view] ?? []);
          await requireAccessible(page, `${view}, ${theme}, ${width} px`);
          await page.requireNoSidewaysScrolling();
          await page.screenshot(outputFile(`${view}-${width}-${theme}.png`));
        }
        page.requireClean();
      } finally {
        await page.close();
      }
    });
  }

  test(`dialog_${theme}_isAccessibleAndDismissed`, async () => {
    const page = await Page.open(browser, node, { theme });
    try {
      await page.load('instance', 'ORDERS', 'orders-1');
      await page.ask('evict');
      await requireAccessible(page, `dialog, ${theme}`);
      await page.screenshot(outputFile(`dialog-1280-${theme}.png`));
      await page.tab.keyboard.press('Escape');
      await page.hides(SELECTORS.dialog);
      assert.equal((await node.explain('ORDERS', 'orders-1')).state, 'valid');
      page.requireClean();
    } finally {
      await page.close();
    }
  });
}

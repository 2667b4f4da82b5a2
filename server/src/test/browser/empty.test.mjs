// SPDX-License-Identifier: Apache-2.0
// The page of a node without instances shows how to register one.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { atMost } from './figures.mjs';
import { Page, SELECTORS, startBrowser } from './page.mjs';
import { outputFile, SystoleNode } from './systole.mjs';

let node;
let browser;

before(async () => {
  node = await SystoleNode.start('--data-dir', 'none');
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await node?.stop();
});

test('commands_ofAnEmptyRegistry_registerAnInstance', async () => {
  const page = await Page.open(browser, node);
  await page.load('overview');
  await page.shows(SELECTORS.command);
  await page.screenshot(outputFile('empty.png'));
  const [command] = await page.texts(SELECTORS.command);
  console.log(command);

  const start = performance.now();
  execFileSync('bash', ['-euo', 'pipefail', '-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });

  const { instances } = await node.get('/systole/instances');
  assert.equal(instances.length, 1);
  atMost('registration by the command', await page.shows(SELECTORS.instance('DEMO', 'i-1'), start),
    2000);
  await page.wait(selector => document.querySelector(selector)?.checkVisibility() !== true,
    SELECTORS.command);
  page.requireClean();
  await page.close();
});

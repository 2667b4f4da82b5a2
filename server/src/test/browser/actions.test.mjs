// SPDX-License-Identifier: Apache-2.0
// Actions of operators through the buttons of the page, with and without credentials.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Page, startBrowser } from './page.mjs';
import { instance, outputFile, SystoleNode, temporaryFolder } from './systole.mjs';

// Of the password `page-check`: bcrypt with a cost of 5.
const HASH = '$2y$05$abcdefghijklmnopqrstuu4659gaEruHJUt1ahpYNH7uCd1U/QcLi';
const PASSWORD = 'page-check';
const APP = 'ORDERS';

let browser;

before(async () => {
  browser = await startBrowser();
});

after(() => browser?.close());

async function startSecured() {
  const file = join(temporaryFolder(), 'credentials');
  writeFileSync(file, [
    `user operator ${HASH} roles=read,register,manage`,
    `user reader ${HASH} roles=read`,
    '',
  ].join('\n'));
  const node = await SystoleNode.start('--data-dir', 'none', '--credentials-file', file);
  return node.withUser('operator', PASSWORD);
}

async function fill(node) {
  for (let number = 1; number <= 4; number++) {
    await node.register(instance(APP, `orders-${number}`));
  }
  await node.register(instance('BILLING', 'billing-1'));
}

async function open(node, user) {
  const page = await Page.open(browser, node);
  if (user) await page.tab.authenticate({ username: user, password: PASSWORD });
  return page;
}

const deadlineMs = async (node, app, id) => (await node.explain(app, id)).lease.deadlineAtMs;
const status = async (node, id) => (await node.explain(APP, id)).status;

for (const [name, start, user] of [
  ['atAnOpenNode', () => SystoleNode.start('--data-dir', 'none'), null],
  ['withCredentials', startSecured, 'operator'],
]) {
  test(`actions_${name}_doWhatTheySay`, async t => {
    const node = await start();
    await fill(node);
    const page = await open(node, user);

    await t.test('override_ofAnInstance', async () => {
      await page.load('instance', APP, 'orders-1');
      assert.ok((await page.act('override', 'OUT_OF_SERVICE')).isDone);
      assert.equal((await status(node, 'orders-1')).status, 'OUT_OF_SERVICE');
      await page.showsText('main', 'OUT_OF_SERVICE');

      assert.ok((await page.act('removeOverride')).isDone);
      assert.equal((await status(node, 'orders-1')).override, null);
    });

    await t.test('override_ofAnApplication', async () => {
      await page.load('application', APP);
      const { isDone, text } = await page.act('override', 'DOWN');
      assert.ok(isDone, text);
      assert.equal((await status(node, 'orders-4')).status, 'DOWN');
      assert.equal((await node.explain('BILLING', 'billing-1')).status.status, 'UP');
      assert.ok((await page.act('removeOverride')).isDone);
      assert.equal((await status(node, 'orders-4')).override, null);
    });

    await t.test('extend_ofAnInstance', async () => {
      // Like a heartbeat, an override renews for longer than an extension.
      await node.register(instance('PAY', 'pay-1'));
      const deadline = await deadlineMs(node, 'PAY', 'pay-1');
      await page.load('instance', 'PAY', 'pay-1');
      assert.ok((await page.act('extend')).isDone);
      assert.ok(await deadlineMs(node, 'PAY', 'pay-1') > deadline);
    });

    await t.test('extend_ofAnApplication', async () => {
      await node.register(instance('PAY', 'pay-2'));
      const deadline = await deadlineMs(node, 'PAY', 'pay-2');
      await page.load('application', 'PAY');
      const { isDone, text } = await page.act('extend');
      assert.ok(isDone, text);
      assert.match(text, /2 leases of PAY/);
      assert.ok(await deadlineMs(node, 'PAY', 'pay-2') > deadline);
    });

    await t.test('evict_ofAnInstance', async () => {
      await page.load('instance', APP, 'orders-3');
      assert.ok((await page.act('evict')).isDone);
      const { state, by } = await node.explain(APP, 'orders-3');
      assert.deepEqual({ state, by }, { state: 'removed', by: 'operator' });
      assert.equal((await node.explain(APP, 'orders-4')).state, 'valid');
      await page.showsText('main', (await node.explain(APP, 'orders-3')).summary);
    });

    await t.test('dismissedEviction_changesNothing', async () => {
      await page.load('instance', APP, 'orders-4');
      await page.ask('evict');
      await page.dismiss();
      assert.equal((await node.explain(APP, 'orders-4')).state, 'valid');
    });

    await t.test('refusedEviction_showsTheReasonOfTheNode', async () => {
      await page.load('instance', APP, 'orders-4');
      await page.ask('evict');
      await node.cancel(APP, 'orders-4');
      const { status: code, body } = await node.send('POST', `/systole/evict/${APP}/orders-4`);
      assert.equal(code, 404);
      await page.screenshot(outputFile(`refused-${name}.png`));
      const { isDone, text } = await page.confirm();
      assert.equal(isDone, false);
      assert.ok(text.includes(body.reason), text);
      // The browser reports each status of 400 and above.
      page.allow(fault => fault.includes('404'));
    });

    await t.test('evict_ofAnApplication', async () => {
      await page.load('application', APP);
      const { isDone, text } = await page.act('evict');
      assert.ok(isDone, text);
      assert.match(text, /2 leases of ORDERS were evicted/);
      assert.equal((await node.get(`/systole/instances?app=${APP}`)).matching, 0);
      assert.equal((await node.explain('BILLING', 'billing-1')).state, 'valid');
      await page.show('overview');
      page.allow(fault => fault.includes('404'));
    });

    page.requireClean();
    await page.close();
    await node.stop();
  });
}

test('actions_withoutTheRole_showTheRefusal', async () => {
  const node = await startSecured();
  await fill(node);
  const page = await open(node, 'reader');
  await page.load('instance', APP, 'orders-1');
  const { isDone, text } = await page.act('evict');
  assert.equal(isDone, false);
  console.log(`refusal for the role: ${text}`);
  assert.match(text, /manage/);
  assert.equal((await node.explain(APP, 'orders-1')).state, 'valid');
  page.allow(fault => fault.includes('403'));
  page.requireClean();
  await page.close();
  await node.stop();
});

test('page_withoutCredentials_isRefused', async () => {
  const node = await startSecured();
  for (const path of ['/', '/systole/overview', '/systole/stream', '/systole/ui/page.js']) {
    const response = await fetch(node.origin + path);
    await response.body?.cancel();
    assert.equal(response.status, 401, path);
    assert.match(response.headers.get('www-authenticate'), /Basic/);
  }
  await node.stop();
});

test('actions_ofAForeignPage_areRefused', async () => {
  const node = await SystoleNode.start('--data-dir', 'none');
  await fill(node);
  for (const headers of [{ Origin: 'https://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }]) {
    const response = await fetch(`${node.origin}/systole/evict/${APP}/orders-1`,
      { method: 'POST', headers });
    assert.equal(response.status, 403);
  }
  assert.equal((await node.explain(APP, 'orders-1')).state, 'valid');
  await node.stop();
});

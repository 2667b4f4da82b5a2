// SPDX-License-Identifier: Apache-2.0
// Three incidents: each sentence of the page is the one with which the node explains it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, eventuallyEqual } from './figures.mjs';
import { Page, SELECTORS, startBrowser } from './page.mjs';
import { Fleet, instance, outputFile, SystoleNode, temporaryFolder } from './systole.mjs';

const RENEWAL_MS = 1000;
const MINUTE_MS = 60_000;
const INCIDENT_MS = 3 * MINUTE_MS;
const SHORT_LEASE = { renewalIntervalInSecs: 1, durationInSecs: 2 };
/** A run is due soon after a lease has expired, and clients renew every second. */
const RULES = ['--eviction-interval', '1s', '--expected-interval', '1s', '--threshold', 'leases'];

let browser;

before(async () => {
  browser = await startBrowser();
});

after(() => browser?.close());

/** Four applications of eight instances in two zones. */
function documents(leaseInfo = SHORT_LEASE) {
  return ['BILLING', 'ORDERS', 'SEARCH', 'USERS'].flatMap(app => [...Array(8).keys()].map(number =>
    instance(app, `${app.toLowerCase()}-${number}`, {
      leaseInfo,
      metadata: { zone: number % 2 ? 'zone-b' : 'zone-a' },
    })));
}

/** The time since the expiry, or until it, passes between two reads of a sentence. */
function withoutTimes(sentence) {
  return sentence.replace(
    /\b\d+ (?:ms|s|min|h|d)(?: \d+ (?:ms|s|min|h))?(?= ago|[.;])/g, 'some time');
}

const isProtected = (node, app, id) => eventually(
  async () => (await node.explain(app, id)).state === 'protected', `${id} is protected`,
  INCIDENT_MS);

/** Requires the view to show each of the node's sentences of an instance. */
async function requireExplained(page, node, app, id) {
  await page.show('instance', app, id);
  const explanation = () => node.explain(app, id);
  await eventuallyEqual(
    async () => withoutTimes((await page.sentences())[0] ?? ''),
    async () => withoutTimes((await explanation()).summary), `summary of ${id}`);
  const { eviction } = await explanation();
  for (const { rule } of eviction?.protectedBy ?? []) {
    const find = async () =>
      (await explanation()).eviction.protectedBy.find(by => by.rule === rule);
    for (const member of ['because', 'release']) {
      await eventuallyEqual(
        async () => {
          const sentence = withoutTimes((await find())[member]);
          const shown = (await page.sentences()).map(withoutTimes);
          return shown.find(text => text === sentence) ?? shown.join('\n');
        },
        async () => withoutTimes((await find())[member]), `${member} of rule ${rule}`);
    }
  }
}

async function requireSelfPreservation(page, node) {
  await page.show('overview');
  let state;
  await eventuallyEqual(
    async () => {
      const sentences = await page.sentences();
      return sentences.find(sentence => sentence === state?.summary) ?? sentences.join('\n');
    },
    async () => {
      state = await node.selfPreservation();
      return state.summary;
    }, 'self-preservation', MINUTE_MS);
  const { now, renewalsObserved } = state;
  const facts = await page.tab.$eval(SELECTORS.preservation, panel =>
    Object.fromEntries([...panel.querySelectorAll('dl > div')].map(entry =>
      [entry.querySelector('dt').textContent, entry.querySelector('dd').textContent])));
  const rules = Object.entries(now.protectedByRule).filter(([, leases]) => leases > 0)
    .map(([rule, leases]) => `${rule}: ${leases} lease${leases === 1 ? '' : 's'}`);
  assert.deepEqual(facts['Protected by rule'].split(', ').sort(),
    rules.length === 0 ? ['no lease'] : rules.sort());
  assert.equal(facts['Renewals in the last minute'].replaceAll(',', ''), String(renewalsObserved));
}

test('zone_cutOff_isExplained', { timeout: 10 * MINUTE_MS }, async () => {
  const node = await SystoleNode.start('--data-dir', 'none', '--protect', 'registry,zone',
    ...RULES);
  const fleet = await new Fleet(node, documents()).start(RENEWAL_MS);
  const page = await Page.open(browser, node);
  try {
    await eventually(async () => {
      const { renewalsObserved, renewalsThreshold } = await node.selfPreservation();
      return renewalsObserved > renewalsThreshold;
    }, 'a minute of renewals', INCIDENT_MS);
    await page.load('applications');
    fleet.silence(document => document.metadata.zone === 'zone-b');
    await isProtected(node, 'ORDERS', 'orders-1');
    await requireExplained(page, node, 'ORDERS', 'orders-1');
    await requireExplained(page, node, 'ORDERS', 'orders-2');
    await page.screenshot(outputFile('incident-zone-instance.png'));
    await eventually(async () => (await node.selfPreservation()).isActive,
      'self-preservation', INCIDENT_MS);
    await requireExplained(page, node, 'ORDERS', 'orders-1');
    await requireSelfPreservation(page, node);
    await page.screenshot(outputFile('incident-zone.png'));
    await page.show('applications');
    for (const app of ['BILLING', 'ORDERS', 'SEARCH', 'USERS']) {
      const { summary } = await node.get(`/systole/explain/${app}`);
      await page.show('application', app);
      await eventuallyEqual(async () => (await page.sentences())[0],
        async () => (await node.get(`/systole/explain/${app}`)).summary, `summary of ${app}`);
      assert.match(summary, /4/);
    }
    page.requireClean();
  } finally {
    fleet.stop();
    await page.close();
    await node.stop();
  }
});

test('application_killed_isExplained', { timeout: 10 * MINUTE_MS }, async () => {
  const node = await SystoleNode.start('--data-dir', 'none', '--protect', 'app', ...RULES);
  const fleet = await new Fleet(node, documents()).start(RENEWAL_MS);
  const page = await Page.open(browser, node);
  try {
    await page.load('applications');
    fleet.silence(document => document.app === 'BILLING');
    await isProtected(node, 'BILLING', 'billing-0');
    await requireExplained(page, node, 'BILLING', 'billing-0');
    await requireExplained(page, node, 'USERS', 'users-0');
    await requireSelfPreservation(page, node);
    await page.screenshot(outputFile('incident-application.png'));
    await page.show('application', 'BILLING');
    await eventuallyEqual(async () => (await page.sentences())[0],
      async () => (await node.get('/systole/explain/BILLING')).summary, 'summary of BILLING');
    await page.screenshot(outputFile('incident-application-explained.png'));
    page.requireClean();
  } finally {
    fleet.stop();
    await page.close();
    await node.stop();
  }
});

test('node_restartedWithAnOldJournal_isExplained', { timeout: 10 * MINUTE_MS }, async () => {
  const options = ['--data-dir', temporaryFolder(), '--journal-sync', '0', ...RULES];
  const old = await SystoleNode.start(...options);
  for (const document of documents({ renewalIntervalInSecs: 30, durationInSecs: 20 })) {
    await old.register(document);
  }
  const page = await Page.open(browser, old);
  page.expectOutage();
  await page.load('applications');
  await page.shows(SELECTORS.application('ORDERS'));
  await old.stop('SIGKILL');

  const node = await SystoleNode.start(...options, '--port', old.port);
  const living = documents().filter(({ app }) => app === 'ORDERS');
  const fleet = await new Fleet(node, living).start(RENEWAL_MS);
  try {
    // The page connects again by itself.
    await page.show('node');
    const { restoredLeases } = await node.get('/systole/node');
    assert.equal(restoredLeases, 32);
    await page.showsText('main', String(restoredLeases));
    await requireExplained(page, node, 'USERS', 'users-3');
    assert.match((await page.sentences())[0], /^The lease was restored when the node started/);
    await page.screenshot(outputFile('incident-journal-instance.png'));
    await requireSelfPreservation(page, node);

    // The leases that nobody renews end together, in spite of every rule.
    await eventually(async () => (await node.get('/systole/instances?limit=1')).total === 8,
      'the eviction of the leases that were not renewed', INCIDENT_MS);
    await page.resize(1600, 1800);
    await page.show('recent', 'evicted');
    const { evicted } = await node.get('/systole/recent?limit=24');
    assert.equal(evicted.length, 24);
    for (const { app, id, cause, because } of evicted) {
      assert.equal(cause, 'unrenewed');
      await page.showsRow([app, id, because]);
    }
    await page.screenshot(outputFile('incident-journal.png'));
    await requireExplained(page, node, 'USERS', 'users-3');
    page.requireClean();
  } finally {
    fleet.stop();
    await page.close();
    await node.stop();
  }
});

// SPDX-License-Identifier: Apache-2.0
// Instances whose registrations try to run scripts or to change the page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Page, SELECTORS, startBrowser } from './page.mjs';
import { instance, outputFile, path, SystoleNode } from './systole.mjs';

const LONG = 'x'.repeat(100_000);
// The server turns names into upper case, in which scripts need numeric references.
const RUN = '&#119;&#105;&#110;&#100;&#111;&#119;&#46;&#114;&#97;&#110;&#61;&#49;';
const NAMES = [
  `<IMG SRC=X ONERROR="${RUN}">`,
  '"><SCRIPT>WINDOW.RAN=1</SCRIPT>',
  '</TITLE></STYLE><SVG ONLOAD=ALERT(1)>',
  "';ALERT(1);//",
  '{{CONSTRUCTOR.CONSTRUCTOR(1)()}}',
  '\u202EEVIL\u202C',
  'ZERO\u200BWIDTH',
  '..',
  'A/B',
  'A?B#C%2F',
  'JAVASCRIPT:ALERT(1)',
  '__PROTO__',
];
const MARKUP = '<img src=x onerror="window.ran=1;alert(1)"><iframe srcdoc="<b>"></iframe>';

/** What a registration can contain in each of its members. */
const CHANGES = {
  markup: {
    hostName: MARKUP,
    ipAddr: '<script>window.ran=1</script>',
    vipAddress: MARKUP,
    statusPageUrl: `http://x/"onmouseover="window.ran=1`,
    metadata: { [MARKUP]: MARKUP, zone: MARKUP, 'on"click="x': "'><script>window.ran=1</script>" },
  },
  urls: {
    homePageUrl: 'javascript:window.ran=1',
    statusPageUrl: 'data:text/html,<script>alert(1)</script>',
    healthCheckUrl: 'jAvAsCrIpT\t:window.ran=1',
    secureHealthCheckUrl: 'vbscript:x',
    metadata: { link: 'javascript:alert(1)', ftp: 'file:///etc/passwd', own: '//evil.example/' },
  },
  long: { metadata: { long: LONG } },
  directions: { hostName: '\u202Eelpmaxe.tsoh', metadata: { '\u2067rtl': '\u202Egnp.exe\u2069' } },
};

let node;
let browser;

before(async () => {
  node = await SystoleNode.start('--data-dir', 'none', '--max-instance-size', '256KiB');
  // The node refuses some of these.
  for (const app of NAMES) {
    await node.send('POST', `apps/${path(app)}`, { instance: instance(app, app) });
  }
  for (const [id, changes] of Object.entries(CHANGES)) {
    await node.register(instance('HOSTILE', id, changes));
  }
  for (const name of NAMES) await node.register(instance('HOSTILE', name));
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await node?.stop();
});

/** Requires that no script ran, no element came from text, and every link leads to a page. */
async function requireInert(page, what) {
  const found = await page.evaluate(() => ({
    ran: window.ran ?? null,
    elements: [...document.querySelectorAll('script, iframe, object, embed, img, base, form')]
      .filter(element => !(element.src ?? '').startsWith(`${location.origin}/systole/ui/`))
      .map(element => element.outerHTML),
    listeners: [...document.querySelectorAll('*')].flatMap(element => [...element.attributes]
      .filter(({ name }) => name.startsWith('on')).map(({ name }) => name)),
    links: [...document.querySelectorAll('[href], [action], [formaction]')]
      .map(element => element.href?.baseVal ?? element.href ?? element.action)
      .filter(url => !/^https?:$/.test(new URL(url, location.href).protocol)),
    foreign: [...document.querySelectorAll('a[target=_blank]')]
      .filter(link => !link.relList.contains('noopener')).map(link => link.outerHTML),
    marks: /[\u202A-\u202E\u2066-\u2069]/.test(document.body.textContent),
  }));
  assert.deepEqual(found, {
    ran: null, elements: [], listeners: [], links: [], foreign: [], marks: false,
  }, what);
  page.requireClean();
}

async function onPage(use) {
  const page = await Page.open(browser, node);
  try {
    await use(page);
  } finally {
    await page.close();
  }
}

test('applications_withHostileNames_areInert', () => onPage(async page => {
  const { applications } = await node.get('/systole/applications?limit=1000');
  console.log(`hostile applications: ${applications.length}`);
  assert.ok(applications.length >= NAMES.length / 2);
  await page.load('applications');
  await page.shows(SELECTORS.application('HOSTILE'));
  await requireInert(page, 'applications');
  await page.screenshot(outputFile('hostile-applications.png'));
  for (const { name } of applications) {
    await page.show('application', name);
    await page.wait(() => document.querySelector('.instances .space [role=row]') !== null);
    await requireInert(page, name);
  }
}));

for (const id of [...Object.keys(CHANGES), ...NAMES.filter(name => name !== '..')]) {
  test(`instance_${id.replace(/\W+/g, '_')}_isInert`, () => onPage(async page => {
    await page.load('instance', 'HOSTILE', id);
    await page.shows('.terms.fields');
    await requireInert(page, id);
    await page.requireNoSidewaysScrolling();
    await page.screenshot(outputFile(`hostile-${id.replace(/\W+/g, '_')}.png`));
  }));
}

test('instance_thatNoUrlCanName_isInert', () => onPage(async page => {
  await page.load('application', 'HOSTILE');
  await page.load('instance', 'HOSTILE', '..');
  await requireInert(page, '..');
  assert.match(await page.text('main'), /cannot be part of the path of a URL/);
}));

test('recent_withHostileNames_isInert', () => onPage(async page => {
  await page.load('recent');
  await page.shows(SELECTORS.row);
  await requireInert(page, 'recent');
}));

test('search_ofMarkup_isInert', () => onPage(async page => {
  await page.load('applications');
  for (const text of [MARKUP, '"><script>window.ran=1</script>', '(((', '\\', '%', '\u202E']) {
    await page.setFilter(text);
    await requireInert(page, text);
  }
}));

test('address_withMarkup_isInert', () => onPage(async page => {
  for (const name of [MARKUP, 'javascript:window.ran=1', '__proto__', '%', 'constructor']) {
    await page.load('application', name);
    // An unknown application is 404, which the browser reports.
    page.allow(fault => fault.includes('404'));
    await requireInert(page, name);
  }
}));

test('copiedScript_isRefusedByThePolicy', () => onPage(async page => {
  await page.load('applications');
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.ran = 1';
    document.body.append(script);
    script.remove();
  });
  assert.equal(await page.evaluate(() => window.ran ?? null), null);
  page.allow(fault => fault.includes('Content Security Policy'));
  page.requireClean();
}));

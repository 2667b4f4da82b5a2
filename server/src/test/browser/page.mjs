// SPDX-License-Identifier: Apache-2.0
// Headless Chromium, and the page of a node as an operator sees it, with all of its selectors.
import assert from 'node:assert/strict';
import puppeteer from 'puppeteer-core';
import { eventually } from './figures.mjs';
import { path, temporaryFolder } from './systole.mjs';

const CHROMIUM = process.env.PAGE_CHROMIUM ?? '/usr/bin/chromium';
const WAIT_MS = 30_000;

/** Views with the part of their address behind `#`. */
export const VIEWS = {
  overview: () => '/',
  applications: () => '/applications',
  application: app => `/applications/${path(app)}`,
  instance: (app, id) => `/applications/${path(app, id)}`,
  recent: kind => kind ? `/recent?kind=${kind}` : '/recent',
  peers: () => '/peers',
  node: () => '/node',
};

const link = (...names) => `main a[href="#/applications/${path(...names)}"]`;

export const SELECTORS = {
  application: app => link(app),
  instance: (app, id) => link(app, id),
  grid: 'main [role=grid]',
  row: 'main [role=grid] .space [role=row]',
  search: '#search',
  dialog: 'dialog[open]',
  status: 'dialog[open] select',
  confirm: 'dialog[open] .buttons .primary',
  close: 'dialog[open] .buttons button:not(.primary)',
  outcome: 'dialog[open] .outcome',
  command: '.command code',
  sentence: '.sentence',
  preservation: '.preservation',
};

/** Actions by the labels of their buttons. */
export const ACTIONS = {
  override: 'Set override…',
  removeOverride: 'Remove override…',
  extend: 'Extend lease…',
  evict: 'Evict…',
};

/** Tests in the page whether its first list has this number of rows. */
export function isRowCount(selector, count) {
  return Number(document.querySelector(selector)?.ariaRowCount) - 1 === count;
}

export function startBrowser() {
  return puppeteer.launch({
    executablePath: CHROMIUM,
    headless: true,
    userDataDir: temporaryFolder(),
    protocolTimeout: 300_000,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--no-proxy-server',
      // Every tab is measured as if it were in front.
      '--disable-backgrounding-occluded-windows',
      '--disable-renderer-backgrounding',
      '--disable-background-timer-throttling',
    ],
  });
}

/** A tab with the page of a node. What no page may do is collected, see {@link requireClean}. */
export class Page {
  #node;
  #faults = [];
  #isOutageExpected = false;

  /** Opens a tab without content. */
  static async open(browser, node, { width = 1280, height = 900, theme = 'light' } = {}) {
    const page = new Page();
    page.#node = node;
    page.tab = await browser.newPage();
    page.devTools = await page.tab.createCDPSession();
    await page.resize(width, height);
    await page.setTheme(theme);
    page.#watch();
    return page;
  }

  #watch() {
    const { tab } = this;
    tab.on('console', message => {
      // Chromium itself reports each failed connection of an outage.
      if (this.#isOutageExpected && message.text().includes('net::ERR_')) return;
      this.#faults.push(`console ${message.type()}: ${message.text()}`);
    });
    tab.on('pageerror', error => this.#faults.push(`exception: ${error.message}`));
    tab.on('dialog', dialog => {
      this.#faults.push(`${dialog.type()}: ${dialog.message()}`);
      dialog.dismiss().catch(() => {});
    });
    tab.on('popup', () => this.#faults.push('a window was opened'));
    tab.on('request', request => {
      const url = new URL(request.url());
      const isOwn = url.origin === this.#node.origin;
      if (!isOwn && url.protocol !== 'data:') this.#faults.push(`request to ${request.url()}`);
    });
  }

  /** Allows the browser to report failed connections, as while the node is restarted. */
  expectOutage() {
    this.#isOutageExpected = true;
  }

  /** Forgets faults that a check has caused on purpose. */
  allow(isExpected) {
    this.#faults = this.#faults.filter(fault => !isExpected(fault));
  }

  /** Requires that no message, dialog, exception or request to another origin has occurred. */
  requireClean() {
    assert.deepEqual(this.#faults, []);
  }

  resize(width, height) {
    return this.tab.setViewport({ width, height });
  }

  setTheme(theme) {
    return this.tab.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
  }

  /** Loads the page as if it were visited for the first time. */
  async load(view = 'overview', ...names) {
    await this.tab.goto('about:blank');
    await this.tab.goto(`${this.#node.origin}/#${VIEWS[view](...names)}`,
      { waitUntil: 'domcontentloaded', timeout: WAIT_MS });
    await this.#isShown();
  }

  /** Changes the view without loading the page again. */
  async show(view, ...names) {
    await this.tab.evaluate(fragment => { location.hash = fragment; }, VIEWS[view](...names));
    await this.#isShown();
  }

  /** Waits for the view at the address and for the first event of the node. */
  async #isShown() {
    await this.wait(() => document.querySelector('main h1') !== null
      && document.querySelector('#connection').dataset.state === 'live');
    await this.frames(2);
  }

  /** Waits for this number of frames. */
  frames(count) {
    return this.tab.evaluate(async number => {
      for (let i = 0; i < number; i++) await new Promise(requestAnimationFrame);
    }, count);
  }

  /**
   * Waits until a function in the page returns true, by frames. It is part of an expression, since
   * the policy of the page forbids to make functions from text.
   */
  async wait(condition, ...args) {
    const isMet = await this.tab.evaluate(`(async () => {
      const condition = ${condition};
      const args = ${JSON.stringify(args)};
      const end = performance.now() + ${WAIT_MS};
      while (!condition(...args)) {
        if (performance.now() > end) return false;
        await new Promise(requestAnimationFrame);
      }
      return true;
    })()`);
    assert.ok(isMet, `not within ${WAIT_MS} ms: ${condition} of ${JSON.stringify(args)}`);
  }

  evaluate(script, ...args) {
    return this.tab.evaluate(script, ...args);
  }

  /** Waits until an element matches, and returns the milliseconds since the start. */
  async shows(selector, startMs = performance.now()) {
    await this.wait(found => document.querySelector(found) !== null, selector);
    return performance.now() - startMs;
  }

  async hides(selector, startMs = performance.now()) {
    await this.wait(found => document.querySelector(found) === null, selector);
    return performance.now() - startMs;
  }

  async showsText(selector, text, startMs = performance.now()) {
    await this.wait((found, part) => [...document.querySelectorAll(found)]
      .some(element => element.textContent.includes(part)), selector, text);
    return performance.now() - startMs;
  }

  /** Waits until a row of a list contains all the texts. */
  async showsRow(texts, startMs = performance.now()) {
    await this.wait((rows, parts) => [...document.querySelectorAll(rows)]
      .some(row => parts.every(part => row.textContent.includes(part))), SELECTORS.row, texts);
    return performance.now() - startMs;
  }

  texts(selector) {
    return this.tab.$$eval(selector, all => all.map(element => element.textContent.trim()));
  }

  async text(selector) {
    return (await this.texts(selector)).join('\n');
  }

  /** The visible sentences of the node in the view. */
  sentences() {
    return this.tab.$$eval(`main ${SELECTORS.sentence}`, all => all
      .filter(element => element.checkVisibility()).map(element => element.textContent));
  }

  /** Waits until a list has this number of rows. */
  hasRows(count) {
    return this.wait(isRowCount, SELECTORS.grid, count);
  }

  /** Requires that the document is not wider than the window; lists and tables may scroll. */
  async requireNoSidewaysScrolling() {
    const [width, windowWidth] = await this.tab.evaluate(() =>
      [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(width <= windowWidth,
      `the page is ${width} px wide in a window of ${windowWidth} px`);
  }

  async setFilter(text) {
    const field = await this.tab.waitForSelector(SELECTORS.search, { timeout: WAIT_MS });
    await field.click({ count: 3 });
    await this.tab.keyboard.press('Backspace');
    await field.type(text);
  }

  async click(selector) {
    const element = await this.tab.waitForSelector(selector, { visible: true, timeout: WAIT_MS });
    await element.click();
  }

  /** Returns the button of an action, or null. */
  async #button(action) {
    const label = ACTIONS[action];
    const buttons = await this.tab.$$('main .actions button');
    for (const button of buttons) {
      if (await button.evaluate(({ textContent }) => textContent) === label) return button;
    }
    return null;
  }

  /** Opens the dialog of an action. */
  async ask(action) {
    const button = await eventually(() => this.#button(action), `the button ${ACTIONS[action]}`);
    await button.click();
    await this.shows(SELECTORS.dialog);
  }

  /** Confirms the dialog, closes it, and returns its outcome. */
  async confirm() {
    await this.click(SELECTORS.confirm);
    await this.shows(`${SELECTORS.outcome}[data-done]`);
    const text = await this.text(SELECTORS.outcome);
    const isDone = await this.tab.$eval(SELECTORS.outcome, ({ dataset }) => dataset.done);
    await this.dismiss();
    return { isDone: isDone === 'true', text };
  }

  async dismiss() {
    await this.click(SELECTORS.close);
    await this.hides(SELECTORS.dialog);
  }

  /** Carries out an action as an operator does. */
  async act(action, status = null) {
    await this.ask(action);
    if (status) await this.tab.select(SELECTORS.status, status);
    return this.confirm();
  }

  /** Collects garbage and returns the bytes of the heap and the numbers of nodes and listeners. */
  async memory() {
    await this.devTools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await this.devTools.send('Runtime.getHeapUsage');
    const { nodes, jsEventListeners } = await this.devTools.send('Memory.getDOMCounters');
    return { heapBytes: usedSize, nodes, listeners: jsEventListeners };
  }

  async screenshot(file) {
    await this.tab.screenshot({ path: file });
  }

  close() {
    return this.tab.close();
  }
}

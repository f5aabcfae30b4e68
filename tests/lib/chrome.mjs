// Debian's Chromium, people at work in it, and what is asked of every page that they open.
//   CHROMIUM   the program (/usr/bin/chromium)
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PASSWORD, TREE } from './server.mjs';

const require = createRequire(path.join(TREE, 'package.json'));
const { chromium } = require('playwright-core');
const { HtmlValidate } = require('html-validate');
const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const validator = new HtmlValidate(JSON.parse(fs.readFileSync(path.join(TREE, '.htmlvalidate.json'), 'utf8')));

export const PAGE_LIMIT = 60 * 1024;
export const DESK = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});

// html-validate knows nothing of what is the same on two pages: one answer for each text.
const validated = new Map();
async function validate(html) {
  // What differs from page to page without telling anything: keys, versions, numbers.
  const key = html.replace(/\d+/g, '0').replace(/value="[A-Za-z0-9_-]{20,}"/g, 'value=""');
  if (!validated.has(key)) {
    const report = await validator.validateString(html);
    validated.set(key, report.results.flatMap((r) => r.messages.map((m) => `${m.line}:${m.column} ${m.ruleId}: ${m.message}`)));
  }
  return validated.get(key);
}

// One person at one computer.
export class Desk {
  static async open(browser, base, { js = true, size = DESK } = {}) {
    const context = await browser.newContext({ baseURL: base, locale: 'ru-RU', viewport: size, javaScriptEnabled: js, acceptDownloads: true });
    const desk = new Desk();
    Object.assign(desk, { context, js, base, page: await context.newPage(), html: '', status: 0, noise: [] });
    context.setDefaultTimeout(15000);
    desk.page.on('console', (m) => { if (m.type() === 'error') desk.noise.push(m.text()); });
    desk.page.on('pageerror', (e) => desk.noise.push(String(e)));
    desk.page.on('response', (r) => {
      if (!r.request().isNavigationRequest() || (r.status() >= 300 && r.status() < 400)) return;
      desk.status = r.status();
      desk.type = r.headers()['content-type'] ?? '';
      desk.body = r.text().catch(() => '');
    });
    return desk;
  }

  get path() { return this.page.url().slice(this.base.length); }

  async go(url) {
    await this.page.goto(url);
    return this;
  }

  async signIn(login) {
    await this.go('/sign-in');
    await this.page.locator('#login').fill(login);
    await this.page.locator('#password').fill(PASSWORD);
    await this.press('Войти');
    return this;
  }

  // A button (or a link that looks like one) in the work of the page.
  async press(name, { exact = true } = {}) {
    const main = this.page.locator('main');
    const button = main.getByRole('button', { name, exact }).or(main.getByRole('link', { name, exact })).first();
    await Promise.all([this.page.waitForLoadState('load'), button.click()]);
    await this.page.waitForLoadState('load');
    return this;
  }

  // A link by its words, anywhere on the page.
  async follow(name, { exact = false, within = 'body' } = {}) {
    const link = this.page.locator(within).getByRole('link', { name, exact, includeHidden: true }).first();
    if (within === 'nav' && !await link.isVisible()) await this.page.locator('.b-nav__more > summary').click();
    await link.click();
    await this.page.waitForLoadState('load');
    return this;
  }

  // Fields by their labels; a select takes the words of the option (or a part of them).
  async fill(fields) {
    for (const [label, value] of Object.entries(fields)) {
      const field = this.page.locator('main').getByLabel(label, { exact: false }).first();
      if (await field.evaluate((e) => e.tagName) !== 'SELECT') { await field.fill(value); continue; }
      const options = await field.locator('option').evaluateAll((all) => all.map((o) => ({ value: o.value, words: o.textContent })));
      const option = options.find((o) => o.words.trim() === value) ?? options.find((o) => o.words.includes(value));
      if (!option) throw new Error(`${this.path}: "${label}" offers no "${value}", but ${options.map((o) => o.words.trim()).join(', ')}`);
      await field.selectOption(option.value);
    }
    return this;
  }

  text() { return this.page.locator('main').innerText(); }

  async download(name) {
    const [file] = await Promise.all([this.page.waitForEvent('download'), this.page.locator('main').getByRole('link', { name }).first().click()]);
    return fs.readFileSync(await file.path());
  }

  // What is wrong with the page as it stands; nothing is the good answer.
  async faults({ phone = false, axe = true } = {}) {
    const wrong = [];
    const html = await this.body ?? '';
    const size = Buffer.byteLength(html);
    if (size >= PAGE_LIMIT) wrong.push(`the page has ${size} bytes`);
    if (/text\/html/.test(this.type)) wrong.push(...(await validate(html)).map((m) => `html: ${m}`));
    // Chromium itself reports an answer such as 422 to a form; that is the page that was asked for.
    wrong.push(...this.noise.splice(0).filter((n) => !/Failed to load resource: the server responded with a status of (403|404|409|422)/.test(n))
      .map((n) => `console: ${n}`));
    // axe is a script itself and would wait for ever where there are none.
    if (axe && this.js) {
      await this.page.evaluate(AXE);
      // Rows of a list are all made alike: the first ones tell about the others.
      const found = await this.page.evaluate(() => window.axe.run({ include: [['html']],
        exclude: [['tbody > tr:nth-child(n + 9)'], ['.moj-timeline__item:nth-child(n + 9)']].filter(([rows]) => document.querySelector(rows)) },
      { resultTypes: ['violations'] }));
      for (const v of found.violations) wrong.push(...v.nodes.slice(0, 3).map((n) => `axe: ${v.id}: ${v.help}: ${n.html.slice(0, 160)}`));
    }
    wrong.push(...await this.overflow());
    if (phone) {
      await this.page.setViewportSize(PHONE);
      wrong.push(...await this.overflow());
      await this.page.setViewportSize(DESK);
    }
    return wrong;
  }

  overflow() {
    return this.page.evaluate(() => {
      const root = document.documentElement;
      if (root.scrollWidth <= root.clientWidth) return [];
      const scrolls = (e) => { for (let p = e.parentElement; p; p = p.parentElement) if (getComputedStyle(p).overflowX !== 'visible') return true; return false; };
      const wide = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1 && !scrolls(e));
      return [`at ${root.clientWidth} px the page is ${root.scrollWidth} px wide: ${wide.slice(-1).map((e) => e.outerHTML.slice(0, 120))}`];
    });
  }

  close() { return this.context.close(); }
}

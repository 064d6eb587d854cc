// Opens the pages of `auditgate report --html` in Chromium and looks at them as a person would: light and dark, narrow, on
// paper, by keyboard, by screen reader (axe-core's rules). node report.mjs CHROMIUM FOLDER PAGE...; pictures go to FOLDER.
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [browserPath, folder, ...pages] = process.argv.slice(2);
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let passed = 0;
let failed = 0;

function check(name, holds, detail = '') {
  if (holds) {
    passed += 1;
  } else {
    failed += 1;
    console.log(`  failed: ${name}${detail ? `: ${detail}` : ''}`);
  }
}

const views = [
  { name: 'light', width: 1200, colorScheme: 'light' },
  { name: 'dark', width: 1200, colorScheme: 'dark' },
  { name: 'narrow', width: 360, colorScheme: 'light' },
];

async function look(browser, file, view) {
  const title = `${basename(file)}, ${view.name}`;
  const context = await browser.newContext({ viewport: { width: view.width, height: 900 }, colorScheme: view.colorScheme });
  const page = await context.newPage();
  const problems = [];
  const requests = [];
  page.on('console', (message) => problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  check(`${title}: loads nothing but itself`, requests.length === 1, requests.join(' '));
  check(`${title}: no errors`, problems.length === 0, problems.join(' '));

  const found = await page.evaluate(() => {
    const box = (one) => one.getBoundingClientRect();
    return {
      sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      scripts: document.scripts.length,
      headings: document.querySelectorAll('h1').length,
      plots: [...document.querySelectorAll('svg')].map((one) => ({
        seen: box(one).width > 200 && box(one).height > 60,
        named: Boolean(one.querySelector('title')?.textContent && one.querySelector('desc')?.textContent),
        // Nothing is drawn outside of the picture.
        inside: [...one.querySelectorAll('rect,text,circle')].every((part) =>
          box(part).left >= box(one).left - 1 && box(part).right <= box(one).right + 1 &&
          box(part).top >= box(one).top - 1 && box(part).bottom <= box(one).bottom + 1),
        smallest: Math.min(...[...one.querySelectorAll('text')].map((text) => box(text).height)),
      })),
      tables: [...document.querySelectorAll('table')].map((one) => ({
        captioned: Boolean(one.caption?.textContent),
        even: [...one.rows].every((row) => row.cells.length === one.rows[0].cells.length),
      })),
      links: [...document.querySelectorAll('nav a')].every((one) => document.querySelector(one.getAttribute('href'))),
    };
  });
  check(`${title}: the page does not scroll sideways`, found.sideways <= 0, `${found.sideways} px`);
  check(`${title}: no script`, found.scripts === 0);
  check(`${title}: one heading of the page`, found.headings === 1);
  check(`${title}: six plots`, found.plots.length === 6, String(found.plots.length));
  check(`${title}: every plot is seen and named`, found.plots.every((one) => one.seen && one.named));
  check(`${title}: plots are drawn within their frames`, found.plots.every((one) => one.inside));
  check(`${title}: their texts can be read`, found.plots.every((one) => one.smallest >= 9),
    found.plots.map((one) => one.smallest).join(' '));
  check(`${title}: every table is whole and has a caption`, found.tables.length > 10 &&
    found.tables.every((one) => one.captioned && one.even));
  check(`${title}: the links of the head lead somewhere`, found.links);

  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => document.activeElement?.tagName);
  check(`${title}: the keyboard reaches the links first`, first === 'A', first);

  await page.evaluate(axe);
  const judged = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  check(`${title}: accessible`, judged.violations.length === 0,
    judged.violations.map((one) => `${one.id} (${one.nodes.length}: ${one.nodes[0].html.slice(0, 90)} ` +
      `${one.nodes[0].failureSummary?.replaceAll('\n', ' ').slice(0, 160)})`).join('; '));
  await page.screenshot({ path: join(folder, `${basename(file, '.html')}-${view.name}.png`), fullPage: true });
  await context.close();
}

async function print(browser, file) {
  const title = `${basename(file)}, on paper`;
  const context = await browser.newContext({ viewport: { width: 680, height: 1009 } /* A4 within its margins */, colorScheme: 'dark' });
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  await page.emulateMedia({ media: 'print' });
  const found = await page.evaluate(() => ({
    background: getComputedStyle(document.body).backgroundColor,
    links: getComputedStyle(document.querySelector('nav')).display,
    cut: [...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth + 1)
      .map((one) => `${one.getAttribute('aria-label')} ${one.scrollWidth}/${one.clientWidth}`),
  }));
  check(`${title}: white in a dark room, too`, found.background === 'rgb(255, 255, 255)', found.background);
  check(`${title}: without links to click`, found.links === 'none');
  check(`${title}: nothing is cut off`, found.cut.length === 0, found.cut.join(', '));
  await page.screenshot({ path: join(folder, `${basename(file, '.html')}-print.png`), fullPage: true });
  const pdf = await page.pdf({ format: 'A4', path: join(folder, `${basename(file, '.html')}.pdf`) });
  check(`${title}: prints`, pdf.subarray(0, 5).toString() === '%PDF-');
  await context.close();
}

const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
try {
  for (const file of pages) {
    for (const view of views) await look(browser, file, view);
    await print(browser, file);
  }
} finally {
  await browser.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

// What a person does with the viewer, done by a real browser:  node viewer.mjs FOLDER PLAYWRIGHT CHROMIUM
// FOLDER holds page.html and facts.json as tests/gates/browser.fsx makes them; screenshots go there too.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, playwright, chromium] = process.argv.slice(2);
const { chromium: browsers } = await import(pathToFileURL(path.join(playwright, 'index.mjs')));
const facts = JSON.parse(fs.readFileSync(path.join(folder, 'facts.json')));
const software = ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];
const quiet = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
let failed = 0, passed = 0;
const check = (ok, what) => { if (ok) passed++; else failed++; console.log(`${ok ? 'ok    ' : 'FAILED'}  ${what}`); };

async function open(args, url, options = {}) {
  const browser = await browsers.launch({ executablePath: chromium, args: [...quiet, ...args] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, ...options });
  const said = [], asked = [];
  page.on('console', m => said.push(`${m.type()}: ${m.text()}`));
  page.on('pageerror', e => said.push('error: ' + e.message));
  page.on('request', r => { if (!/^(data|blob):/.test(r.url())) asked.push(r.url()); });
  const start = Date.now();
  await page.goto(url);
  await page.waitForFunction(() => document.documentElement.dataset.state, null, { timeout: 240000 });
  return { browser, page, said, asked, seconds: (Date.now() - start) / 1000, state: await page.evaluate(() => document.documentElement.dataset.state) };
}

const readout = page => page.evaluate(() => ({
  hu: +document.getElementById('at-hu').dataset.hu, text: document.getElementById('at-hu').textContent,
  voxel: document.getElementById('at-voxel').textContent.split(',').map(Number),
  masks: document.getElementById('at-masks').textContent.split(', '), mm: document.getElementById('at-mm').textContent,
  p: document.getElementById('at-p').textContent,
}));
const at = ([x, y, z]) => (z * facts.extent[1] + y) * facts.extent[0] + x;

/** How many pixels of a screenshot are near a colour, and how many greys it has. */
async function pixels(page, name, colour) {
  const png = await page.screenshot({ path: path.join(folder, name + '.png') });
  const scratch = await (await page.context().browser().newContext()).newPage();
  const found = await scratch.evaluate(async ([data, colour]) => {
    const image = new Image();
    image.src = 'data:image/png;base64,' + data;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    // The pictures only: the panel has swatches of the same colours.
    const p = context.getImageData(0, 60, 960, 680).data, greys = new Set();
    let near = 0;
    for (let i = 0; i < p.length; i += 4) {
      if (Math.hypot(p[i] - colour[0], p[i + 1] - colour[1], p[i + 2] - colour[2]) < 60) near++;
      if (p[i] === p[i + 1] && p[i] === p[i + 2]) greys.add(p[i]);
    }
    return { near, greys: greys.size };
  }, [png.toString('base64'), colour]);
  await scratch.context().close();
  return found;
}
const red = [255, 50, 50], green = [0, 215, 70];

const url = pathToFileURL(path.join(folder, 'page.html')).href;
const view = await open(software, url);
const { page } = view;
check(view.state === 'ready', `the volumes are loaded (${view.seconds.toFixed(1)} s)`);
check(view.said.length === 0, 'nothing on the console ' + view.said.join(' | '));
check(view.asked.length === 1 && view.asked[0] === url, 'no request but the page ' + view.asked.join(' '));
const first = await pixels(page, 'viewer', red);
check(first.greys > 50, `the scan is drawn (${first.greys} greys)`);
check(first.near > 300, `the mask's outline is seen (${first.near} pixels)`);
check((await pixels(page, 'viewer', green)).near > 300, 'the truth’s outline is seen');

await page.keyboard.press('2');
await page.waitForTimeout(500);
const stage = await page.locator('#gl').boundingBox();
const seen = [];
for (const [u, v] of [[0.35, 0.5], [0.5, 0.5], [0.65, 0.5], [0.5, 0.35], [0.4, 0.6]]) {
  await page.mouse.click(stage.x + u * stage.width, stage.y + v * stage.height);
  await page.waitForTimeout(300);
  seen.push(await readout(page));
}
check(seen.every(s => s.hu === facts.hu[at(s.voxel)]), 'a click gives the HU of the file ' + seen.map(s => `${s.voxel}: ${s.hu} (${facts.hu[at(s.voxel)]})`).join('; '));
check(new Set(seen.map(s => s.voxel.join())).size === seen.length, 'each click another voxel');
check(seen.every(s => (facts.masks[at(s.voxel)] & 1) === +s.masks.includes('mask') && (facts.masks[at(s.voxel)] >> 1) === +s.masks.includes('truth')), 'and the masks that hold it');
check(seen.every(s => Math.abs(facts.probability[at(s.voxel)] - s.p) < 0.01), 'and the probability');
const left = s => (([, side, mm]) => (side === 'L' ? 1 : -1) * mm)(/([LR]) ([\d.]+)/.exec(s.mm));
check(left(seen[0]) < left(seen[1]) && left(seen[1]) < left(seen[2]), 'the patient’s right is on the left');
const onOutline = await page.evaluate(() => { const c = document.getElementById('lines'); return c.width > 0 && c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(x => x > 0); });
check(onOutline, 'outlines in one plane alone');
await page.screenshot({ path: path.join(folder, 'axial.png') });

await page.keyboard.press('1');
const before = await readout(page);
await page.locator('#slice').fill('12');
await page.waitForTimeout(300);
const after = await readout(page);
check(before.voxel.filter((n, i) => n !== after.voxel[i]).length === 1 && after.hu === facts.hu[at(after.voxel)], `the slider moves the slice ${before.voxel} -> ${after.voxel}`);
await page.keyboard.press('e');
check((await readout(page)).voxel[facts.sliceAxis] === facts.worstSlice, `E goes to the worst slice, ${facts.worstSlice}`);
await page.keyboard.press('d');
await page.waitForTimeout(300);
check((await pixels(page, 'differences', [255, 171, 46])).near > 100, 'differences are seen');
await page.keyboard.press('d');
await page.keyboard.press('m');
await page.waitForTimeout(300);
check((await pixels(page, 'no-mask', red)).near < first.near / 10, 'M hides the mask');
await page.keyboard.press('b');
check((await page.locator('#window').textContent()) === '−450 to 1050 HU', 'B chooses the bone window');
check(view.said.length === 0, 'still nothing on the console ' + view.said.join(' | '));
await view.browser.close();

const dark = await open(software, url, { colorScheme: 'dark', viewport: { width: 480, height: 900 } });
await dark.page.screenshot({ path: path.join(folder, 'narrow-dark.png'), fullPage: true });
check(await dark.page.evaluate(() => getComputedStyle(document.body).backgroundColor) === 'rgb(20, 24, 28)', 'dark where the system is');
check(await dark.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'fits a narrow screen');
await dark.browser.close();

const still = await open(['--disable-gpu', '--disable-3d-apis'], url);
check(still.state === 'still' && (await still.page.locator('#why').textContent()).includes('WebGL 2'), 'without WebGL 2 it says so');
check(await still.page.locator('#still img').first().isVisible() && !(await still.page.locator('#live').isVisible()), 'and shows pictures');
await still.page.screenshot({ path: path.join(folder, 'still.png'), fullPage: true });
await still.browser.close();

const served = await open(software, facts.address);
await served.page.waitForTimeout(1500);
check(served.state === 'ready' && served.said.length === 0, 'the server’s page works ' + served.said.join(' | '));
check(served.asked.every(a => a === facts.address || a === facts.address + 'alive'), 'it asks for itself only ' + served.asked.join(' '));
await served.browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);

/**
 * A person's VS Code: the packed extension installed in a browser-hosted editor, on a copy of a workspace, with a page
 * to click in. Knows how the workbench is laid out, so that tests speak of views, rows and commands.
 */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { out } from '../../src/build/paths.ts';
import { launchChromium } from './chromium.ts';
import { packedExtension } from './packed.ts';
import { EditorServer } from './server.ts';
import { workspaceCopy, type Workspace } from './workspace.ts';

export interface EditorOptions {
  /** A folder of `test/workspaces` to copy, `sample` unless said. */
  readonly workspace?: string;
  /** A folder that is there already, to open as it is. */
  readonly folder?: string;
  /** Whether the workspace is trusted without asking. True unless said; else it opens restricted. */
  readonly trusted?: boolean;
  /** User settings on top of the quiet ones. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Added to the environment of the extension host, and so of the services. */
  readonly env?: Readonly<Record<string, string>>;
  /** The window's size in pixels; 1280 × 800 unless said. */
  readonly size?: { readonly width: number; readonly height: number };
}

const screenshots = join(out, 'screenshots');

/** Runs in the page, where the types of a browser are at home. */
const notingLabels = `(() => {
  const sidebar = document.querySelector('.sidebar');
  const last = new Map();
  const seen = [];
  const look = () => {
    for (const row of sidebar.querySelectorAll('.monaco-list-row[role="treeitem"]')) {
      const label = row.getAttribute('aria-label') ?? '';
      const name = label.split(',')[0];
      if (last.get(name) === label) continue;
      last.set(name, label);
      seen.push(label);
    }
  };
  look();
  const what = { subtree: true, childList: true, attributes: true, attributeFilter: ['aria-label'] };
  new MutationObserver(look).observe(sidebar, what);
  return seen;
})()`;

export class Editor implements AsyncDisposable {
  readonly page: Page;
  readonly server: EditorServer;
  /** The folder that is open, a copy unless the options named one. */
  readonly folder: string;
  readonly #browser: Browser;
  readonly #workspace: Workspace | undefined;

  private constructor(parts: {
    page: Page;
    server: EditorServer;
    browser: Browser;
    folder: string;
    workspace: Workspace | undefined;
  }) {
    this.page = parts.page;
    this.server = parts.server;
    this.folder = parts.folder;
    this.#browser = parts.browser;
    this.#workspace = parts.workspace;
  }

  /** Opens a window and waits until the workbench stands. Close it with `await using` or {@link close}. */
  static async open(options: EditorOptions = {}): Promise<Editor> {
    await using parts = new AsyncDisposableStack();
    await mkdir(screenshots, { recursive: true });
    const workspace =
      options.folder === undefined ? parts.use(await workspaceCopy(options.workspace)) : undefined;
    const folder = workspace?.path ?? options.folder ?? '';
    const server = await EditorServer.start({
      trusting: options.trusted ?? true,
      extensions: [await packedExtension()],
      ...(options.settings === undefined ? {} : { settings: options.settings }),
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    parts.defer(async () => await server.stop());
    const browser = await launchChromium();
    parts.defer(async () => await browser.close());
    const context = await browser.newContext({
      viewport: options.size ?? { width: 1280, height: 800 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const editor = new Editor({ page, server, browser, folder, workspace });
    await page.goto(server.url(folder));
    await editor.workbench();
    parts.move();
    return editor;
  }

  /** Shows another folder in the same window, as "Open Folder" does. */
  async open(folder: string): Promise<void> {
    await this.page.goto(this.server.url(folder));
    await this.workbench();
  }

  /** Resolves when the workbench is drawn: after opening and after a reload. */
  async workbench(): Promise<void> {
    await this.page.locator('.monaco-workbench .activitybar .action-item').first().waitFor();
    await this.page.locator('.monaco-workbench .statusbar').waitFor();
  }

  /** Runs a command by its title in the palette, category included: `Runtimes: Start All`. */
  async command(title: string): Promise<void> {
    const palette = this.page.locator('.quick-input-widget');
    await this.page.keyboard.press('F1');
    await palette.waitFor();
    await palette.locator('input[type="text"]').fill(`>${title}`);
    const row = palette.locator('.quick-input-list .monaco-list-row').filter({
      has: this.page.locator('.label-name').getByText(title, { exact: true }),
    });
    await row.first().click();
  }

  /** Types into the quick pick or input box that is open, and accepts the first answer. */
  async pick(text: string): Promise<void> {
    await this.#questionAsked();
    const box = this.page.locator('.quick-input-widget');
    await box.locator('input[type="text"]').fill(text);
    await box.locator('.monaco-list-row').filter({ hasText: text }).first().click();
  }

  /** Resolves once a quick pick or input box is open that is not the palette a command was chosen in. */
  async #questionAsked(): Promise<void> {
    const box = this.page.locator('.quick-input-widget');
    await this.waitFor('a question in the quick input', async () => {
      const isOpen = await box.isVisible();
      return isOpen && !(await box.locator('input[type="text"]').inputValue()).startsWith('>');
    });
  }

  /** What the open quick pick offers. */
  async picks(): Promise<string[]> {
    await this.#questionAsked();
    const rows = this.page.locator('.quick-input-widget .quick-input-list .monaco-list-row .label-name');
    await rows.first().waitFor();
    return await rows.evaluateAll((all) => all.map((row) => (row.textContent ?? '').trim()));
  }

  /** Opens a file of the folder by its name, and puts the cursor on a line when one is given (1-based). */
  async openFile(name: string, line?: number): Promise<void> {
    const box = this.page.locator('.quick-input-widget');
    await this.page.keyboard.press('Control+P');
    await box.waitFor();
    await box.locator('input[type="text"]').fill(name);
    await box
      .locator('.monaco-list-row')
      .filter({ hasText: name.split('/').at(-1) ?? name })
      .first()
      .click();
    await this.tab(name.split('/').at(-1) ?? name).waitFor();
    if (line === undefined) return;
    // The box may just be closing over the file's name, and would take the line's number with it.
    for (let attempt = 1; ; attempt += 1) {
      await this.page.keyboard.press('Control+G');
      await box.locator('input[type="text"]').fill(`:${line}`);
      await this.page.keyboard.press('Enter');
      const isShut = await box.waitFor({ state: 'hidden', timeout: 5000 }).then(
        () => true,
        () => false,
      );
      if (isShut) return;
      if (attempt === 5) throw new Error(`The box for line ${line} of ${name} does not close.`);
      await this.page.keyboard.press('Escape');
    }
  }

  /** The tab of an open file. */
  tab(name: string): Locator {
    return this.page.locator('.tabs-container .tab').filter({ hasText: name });
  }

  /** An icon of the activity bar, by the title of its view container. */
  activity(title: string): Locator {
    return this.page.locator('.activitybar .action-item').filter({
      has: this.page.locator(`a[aria-label^="${title}"]`),
    });
  }

  /** Shows a view container by its icon in the activity bar. Does nothing when it is shown already. */
  async openView(title: string): Promise<void> {
    const icon = this.activity(title);
    await icon.waitFor();
    const shown = await icon.getAttribute('aria-selected');
    const checked = await icon.evaluate((element) => element.classList.contains('checked'));
    if (shown !== 'true' && !checked) await icon.click();
    await this.restMouse();
    await this.page
      .locator('.sidebar .composite.title')
      .filter({ hasText: new RegExp(title, 'i') })
      .waitFor();
  }

  /** Moves the mouse to where nothing hovers, so that no tooltip covers a row or spoils a picture. */
  async restMouse(): Promise<void> {
    const tooltip = this.page.locator('.workbench-hover');
    await this.page.mouse.move(250, 18);
    if (!(await tooltip.isVisible())) return;
    // It stays when what it belongs to was drawn anew under the mouse; any key sends it away.
    await this.page.keyboard.press('Escape');
    await tooltip.waitFor({ state: 'detached' });
  }

  /** Draws the border between sidebar and editors to the right. */
  async widenSideBar(pixels: number): Promise<void> {
    const box = await this.page.locator('.part.sidebar').boundingBox();
    if (box === null) throw new Error('There is no sidebar to widen.');
    const border = box.x + box.width + 1;
    await this.page.mouse.move(border, box.y + box.height / 2);
    await this.page.mouse.down();
    await this.page.mouse.move(border + pixels, box.y + box.height / 2, { steps: 4 });
    await this.page.mouse.up();
    await this.restMouse();
  }

  /** All rows of the tree in the sidebar. */
  get rows(): Locator {
    return this.page.locator('.sidebar .monaco-list-row[role="treeitem"]');
  }

  /** The rows whose accessible label begins with `label`: `web`, `web.0`. */
  row(label: string): Locator {
    return this.page.locator(`.sidebar .monaco-list-row[role="treeitem"][aria-label^="${label}"]`);
  }

  /** Hovers a row until its card with this text is there: one whose row is drawn anew under the mouse does not come. */
  async hoverRow(label: string, text: string): Promise<Locator> {
    const card = this.page.locator('.monaco-hover').filter({ hasText: text });
    for (let left = 3; left > 0; left -= 1) {
      await this.row(label).first().hover();
      const came = await card.waitFor({ timeout: 8000 }).then(
        () => true,
        () => false,
      );
      if (came) return card;
      await this.restMouse();
    }
    throw new Error(`No card with "${text}" came over "${label}".`);
  }

  /** What a screen reader would say of each row of the sidebar's tree, from top to bottom. */
  async rowLabels(): Promise<string[]> {
    return await this.rows.evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label') ?? ''));
  }

  /** What a screen reader would say of the first row whose label begins so. */
  async label(start: string): Promise<string> {
    return (await this.row(start).first().getAttribute('aria-label')) ?? '';
  }

  /**
   * Notes from now on every label that any row of the sidebar's tree ever has, however briefly.
   * Resolves with a function that gives them in the order in which they were seen.
   */
  async watchRows(): Promise<() => Promise<readonly string[]>> {
    const seen = await this.page.evaluateHandle<string[]>(notingLabels);
    return async () => await seen.jsonValue();
  }

  /** Opens a collapsed row, if it is. */
  async expand(label: string): Promise<void> {
    const row = this.row(label).first();
    await row.waitFor();
    if ((await row.getAttribute('aria-expanded')) === 'false')
      await row.locator('.monaco-tl-twistie').click();
  }

  /** Clicks an inline action of a row, by the action's title. */
  async rowAction(label: string, action: string): Promise<void> {
    const row = this.row(label).first();
    await row.hover();
    await row.locator(`.actions a[aria-label^="${action}"]`).click();
    await this.restMouse();
  }

  /** The titles of a row's inline actions, as they appear under the mouse. */
  async rowActions(label: string): Promise<string[]> {
    const row = this.row(label).first();
    await row.hover();
    const actions = row.locator('.actions a[aria-label]');
    await actions.first().waitFor();
    const titles = await actions.evaluateAll((all) =>
      all.map((each) => each.getAttribute('aria-label') ?? ''),
    );
    await this.restMouse();
    return titles;
  }

  /** Clicks an action in the title of the sidebar's view. */
  async titleAction(action: string): Promise<void> {
    const title = this.page.locator('.sidebar .composite.title');
    await title.hover();
    await title.locator(`.actions-container a[aria-label^="${action}"]`).first().click();
    await this.restMouse();
  }

  /** The entries of a row's context menu. */
  async menuEntries(label: string): Promise<string[]> {
    await this.row(label).first().click({ button: 'right' });
    const entries = this.page.locator('.context-view .monaco-menu .action-label:not(.separator)');
    await entries.first().waitFor();
    const texts = await entries.evaluateAll((all) => all.map((each) => each.textContent ?? ''));
    await this.page.keyboard.press('Escape');
    await entries.first().waitFor({ state: 'detached' });
    return texts;
  }

  /** Clicks an entry of a row's context menu. */
  async rowMenu(label: string, entry: string): Promise<void> {
    await this.row(label).first().click({ button: 'right' });
    const menu = this.page.locator('.context-view .monaco-menu');
    const item = menu.locator('.action-item').filter({ hasText: entry }).first();
    // A menu takes no click in its first moments, lest the one that opened it choose; a key it takes at once.
    await item.hover();
    await menu.locator('.action-item.focused').filter({ hasText: entry }).waitFor();
    await this.page.keyboard.press('Enter');
    await menu.waitFor({ state: 'detached' });
    await this.restMouse();
  }

  /** What stands in the entries of the Problems panel, which it opens. */
  async problems(): Promise<string[]> {
    const rows = this.page.locator('.markers-panel .monaco-list-row');
    if (!(await this.page.locator('.markers-panel').isVisible())) await this.command('View: Focus Problems');
    await this.page.locator('.markers-panel').waitFor();
    return await rows.evaluateAll((all) =>
      all.map((row) => row.getAttribute('aria-label') ?? row.textContent ?? ''),
    );
  }

  /** The lines of the Output panel that are on the screen. */
  async outputLines(): Promise<string[]> {
    const lines = this.page.locator('.panel .output-view .view-line');
    return await lines.evaluateAll((all) =>
      all.map((line) => (line.textContent ?? '').replaceAll('\u00a0', ' ')),
    );
  }

  /** The text of a status bar item whose accessible label or text holds `part`. */
  status(part: string): Locator {
    return this.page.locator('.statusbar-item').filter({ hasText: part });
  }

  /** What the notifications on the screen say. */
  async notifications(): Promise<string[]> {
    return await this.page
      .locator('.notifications-toasts .notification-list-item-message')
      .evaluateAll((all) => all.map((item) => item.textContent ?? ''));
  }

  /** Where a picture of any page belongs, for eyes. */
  picture(name: string): string {
    return join(screenshots, `${name}.png`);
  }

  /** Leaves a picture in `out/screenshots`, for eyes. Resolves with its path. */
  async screenshot(name: string): Promise<string> {
    const path = this.picture(name);
    await this.page.screenshot({ path });
    return path;
  }

  /**
   * Looks again and again until `sign` gives something other than undefined and false, and gives that back.
   * Rejects after `seconds` with what was waited for, and leaves a picture of the window then.
   */
  async waitFor<T>(what: string, sign: () => Promise<T | undefined | false>, seconds = 30): Promise<T> {
    const end = performance.now() + seconds * 1000;
    for (;;) {
      const seen = await sign();
      if (seen !== undefined && seen !== false) return seen;
      if (performance.now() > end) {
        const picture = await this.screenshot(`missing-${what.replaceAll(/\W+/g, '-').slice(0, 60)}`);
        throw new Error(`Waited ${seconds} s for ${what}. The window then: ${picture}`);
      }
      await pause(50);
    }
  }

  /** Reloads the window as a person would, and waits until the workbench stands again. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.workbench();
  }

  /** Kills the extension host as nothing in it can see coming. Resolves with its process id. */
  async killExtensionHost(): Promise<number> {
    const [pid] = await this.server.extensionHosts();
    if (pid === undefined) throw new Error('There is no extension host to kill.');
    process.kill(pid, 'SIGKILL');
    return pid;
  }

  /** Closes the window and ends the server with everything it started. May be called twice. */
  async close(): Promise<void> {
    await this.#browser.close();
    await this.server.stop();
    await this.#workspace?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';

describe('the extension in a real VS Code', () => {
  it('is found under its public name and activates', async () => {
    const extension = vscode.extensions.getExtension('local-runtimes.local-runtimes');
    assert.ok(extension, 'the editor does not know the extension');
    await extension.activate();
    assert.equal(extension.isActive, true);
  });
});

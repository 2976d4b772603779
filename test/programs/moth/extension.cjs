// An extension as somebody else would write one: it brings the recipe of a language that Local Runtimes has never heard
// of, for as long as it is active or until it is asked to take it back.

const vscode = require('vscode');

exports.activate = (context) => {
  const { registerRecipe } = vscode.extensions.getExtension('local-runtimes.local-runtimes').exports;
  const recipe = registerRecipe({
    name: 'moth',
    title: 'Moth',
    programs: ['moth'],
    detects: ['page.moth'],
    command: 'node serve.mjs --port {port}',
    env: { WINGS: '4' },
    checks: [{ file: 'page.moth', way: 'Write a page.moth.' }],
    build: { command: 'node compile.mjs', inputs: ['*.moth'], outputs: ['page.txt'] },
    debug: {
      env: { NODE_OPTIONS: '--inspect=127.0.0.1:{port}' },
      listening: String.raw`^Debugger listening on ws://(?<host>[^/]+):(?<port>\d+)/`,
      attach: { type: 'node', address: '{host}', port: '{port}', restart: false },
    },
  });
  context.subscriptions.push(recipe);
  return { registerRecipe, takeBack: () => recipe.dispose() };
};

/*
 * Preloaded by every script of the repository: says in words what an older Node would say in a syntax error.
 * Plain JavaScript without types or new syntax, because the Node it complains about has to read it.
 */
const wanted = [24, 2];
const found = process.versions.node.split('.').map(Number);
const enough = found[0] > wanted[0] || (found[0] === wanted[0] && found[1] >= wanted[1]);

if (!enough) {
  console.error(
    'The scripts of this repository are TypeScript that Node runs as it is, and the VS Code they test in is as new: ' +
      'both need Node ' +
      wanted.join('.') +
      ' or newer.\nThis is Node ' +
      process.versions.node +
      ' (' +
      process.execPath +
      ').\n' +
      'On Linux (x64, arm64) and Windows (x64) "npm ci" brings Node 24 with it: run the script by "npm run ...".\n' +
      'On other systems, macOS among them, install Node 24 (nodejs.org) and run "npm ci" again.',
  );
  process.exit(1);
}

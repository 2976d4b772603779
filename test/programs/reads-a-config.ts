// Reads the config of the folder it is started in, as every host does before anybody trusts it, and prints what is
// wrong with it as one line of JSON.
import { readConfig } from '../../src/host/home.ts';

const { problems, services } = readConfig(process.cwd(), undefined);
const said = problems.map(({ line, severity, code, message }) => `${line} ${severity} ${code}: ${message}`);
process.stdout.write(`${JSON.stringify({ said, services: services.map(({ name }) => name) })}\n`);

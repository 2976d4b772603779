import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { inOneLine, lines, problemsOf, read } from './reading.ts';

/** A service `api` with a line or more added; the rows begin at line 3, column 5. */
const api = (body: string): string => `services:\n  api:\n    ${body.replaceAll('\n', '\n    ')}\n`;

interface Case {
  readonly text: string;
  readonly problems: readonly string[];
  /** The services that can run all the same. */
  readonly left: readonly string[];
}

const signals = 'TERM, INT, QUIT, HUP, KILL, USR1, USR2, ABRT, ALRM, PIPE, WINCH';
const nameRule =
  'Use letters, digits, - and _, at most 63 of them, with a letter or digit at both ends: the name becomes part of an address.';

function holds(cases: Readonly<Record<string, Case>>): void {
  for (const [title, { text, problems, left }] of Object.entries(cases)) {
    test(title, () => {
      const config = read(text);
      const seen = { problems: problemsOf(config), left: config.services.map(({ name }) => name) };
      assert.deepEqual(seen, { problems, left });
    });
  }
}

holds({
  'an unknown key is underlined, with the key it was meant to be, and the service runs': {
    text: api('command: x\ndepends_on: [x]\nimage: y'),
    problems: [
      '4:5-15 unknown-key "depends_on" is not a key of a service. → Did you mean "dependsOn"?',
      '5:5-10 unknown-key "image" is not a key of a service.',
    ],
    left: ['api'],
  },
  'unknown keys are found at every depth': {
    text: lines(`
      service: {}
      frontDoor: { prot: 1 }
      services:
        api:
          command: x
          ready: { http: /, timout: 1s }
    `),
    problems: [
      '1:1-8 unknown-key "service" is not a key of this file. → Did you mean "services"?',
      '2:14-18 unknown-key "prot" is not a key of "frontDoor". → Did you mean "port"?',
      '6:23-29 unknown-key "timout" is not a key of "ready". → Did you mean "timeout"?',
    ],
    left: ['api'],
  },
  'a key of a service at the top of the file hears where it belongs': {
    text: 'cwd: .\ncommand: x\nservices:\n  api: { command: x }\n',
    problems: [
      '1:1-4 unknown-key "cwd" is not a key of this file. → It belongs to a service, below "services: <name>:".',
      '2:1-8 unknown-key "command" is not a key of this file. → It belongs to a service, below "services: <name>:".',
    ],
    left: ['api'],
  },
  'a service without a command is left out, the others run': {
    text: 'services:\n  api:\n  web: { cwd: x }\n  db: { command: db }\n',
    problems: [
      '2:3-6 missing-key Service "api" needs "command". → For example: command: node server.js --port {port}',
      '3:3-6 missing-key Service "web" needs "command". → For example: command: node server.js --port {port}',
    ],
    left: ['db'],
  },
  'a service that is only a text hears how to write it': {
    text: 'services:\n  api: node a.js\n  web: [x]\n',
    problems: [
      '2:8-17 wrong-type "api" takes a map, not a text. → For example: api: { command: node a.js }',
      '3:8-11 wrong-type "web" takes a map, not a list. → For example: web: { command: node server.js }',
    ],
    left: [],
  },
  'a text in place of a service is shown so that YAML can read it': {
    text: 'services:\n  api: ./x.sh --port {port}\n',
    problems: [
      '2:8-28 wrong-type "api" takes a map, not a text. → For example: api: { command: "./x.sh --port {port}" }',
    ],
    left: [],
  },
  'a value of another kind leaves its service out': {
    text: api('command: x\ninstances: many\nenv: [A=1]\nexitCodes: 0\nautostart: yes\nfrob: 1'),
    problems: [
      '4:16-20 wrong-type "instances" takes a whole number, not the text "many".',
      '5:10-15 wrong-type "env" takes a map of names and texts, not a list.',
      '6:16-17 wrong-type "exitCodes" takes a list of numbers, not the number 0.',
      '7:16-19 wrong-type "autostart" takes true or false, not the text "yes". → Did you mean "true"?',
      '8:5-9 unknown-key "frob" is not a key of a service.',
    ],
    left: [],
  },
  'a value that is missing is pointed at by its key': {
    text: api('command:\nport:\nenv:\ndependsOn:'),
    problems: [
      '3:5-12 wrong-type "command" takes a text or a list of words, not nothing.',
      '4:5-9 wrong-type "port" takes a port from 1 to 65535, or auto, not nothing.',
    ],
    left: [],
  },
  'values out of their range say what the range is': {
    text: api(
      'command: x\nport: 70000\npublish: 0\ninstances: 1.5\nstartRetries: -1\nstopSeconds: soon\nlogFile: { path: a, maxBytes: big }\nstopSignal: DIE',
    ),
    problems: [
      '4:11-16 bad-value "port": "70000" is not a port from 1 to 65535, or auto.',
      '5:14-15 bad-value "publish": "0" is not a port from 1 to 65535, or auto.',
      '6:16-19 bad-value "instances": "1.5" is not a whole number.',
      '7:19-21 bad-value "startRetries": "-1" is less than 0.',
      '8:18-22 bad-value "stopSeconds": "soon" is not a duration such as 250ms, 5s or 2m, or a number of seconds.',
      '9:35-38 bad-value "logFile.maxBytes": "big" is not a size such as 512KB or 10MB, or a number of bytes.',
      `10:17-20 bad-value "stopSignal": "DIE" is not a signal: ${signals}.`,
    ],
    left: [],
  },
  'a word from elsewhere is translated': {
    text: lines(`
      services:
        a: { command: x, restart: no }
        b: { command: x, restart: false }
        c: { command: x, restart: on-failure }
        d: { command: x, handshake: START_PROCESS }
        e: { command: x, balance: roundrobin }
        f: { command: x, runtime: nodejs }
        g: { command: x, dependsOn: { a: service_healthy } }
    `),
    problems: [
      '2:29-31 bad-value "restart": "no" is not one of never, unexpected, always. → Did you mean "never"?',
      '3:29-34 bad-value "restart": "false" is not one of never, unexpected, always. → Did you mean "never"?',
      '4:29-39 bad-value "restart": "on-failure" is not one of never, unexpected, always. → Did you mean "unexpected"?',
      '5:31-44 bad-value "handshake": "START_PROCESS" is not one of port, discover, none, stdout, file, reverse, reverse-no-file. → Did you mean "stdout"?',
      '6:29-39 bad-value "balance": "roundrobin" is not one of round-robin, least-busy, first-free. → Did you mean "round-robin"?',
      '7:29-35 bad-value "runtime": there is no recipe "nodejs", and "runtime: custom" runs any command just as it is. → Did you mean "node"?',
      '8:36-51 bad-value "dependsOn.a": "service_healthy" is not one of started, ready, healthy, exited. → Did you mean "healthy"?',
    ],
    left: [],
  },
  'a runtime that there is no recipe for hears of the nearest, and of the one that takes everything': {
    text: lines(`
      services:
        a: { command: x, runtime: rubi }
        b: { command: x, runtime: COBOL 85 }
        c: { command: x, runtime: 3 }
    `),
    problems: [
      '2:29-33 bad-value "runtime": there is no recipe "rubi", and "runtime: custom" runs any command just as it is. → Did you mean "ruby"?',
      '3:29-37 bad-value "runtime": there is no recipe "COBOL 85", and "runtime: custom" runs any command just as it is. → There are node, python, go, java, php, ruby, custom, generic, and those that other extensions bring.',
      '4:29-30 wrong-type "runtime" takes node, python, go, java, php, ruby, custom, generic, or the name of a recipe that another extension brings, not the number 3.',
    ],
    left: [],
  },
  'how it is built, and by what, must be something': {
    text: lines(`
      services:
        a: { command: x, build: true }
        b: { command: x, build: {} }
        c: { command: x, build: 'a "b' }
        d: { command: x, build: { command: make, output: x } }
        e: { command: x, fastcgi: true }
        f: { command: x, interpreter: [a] }
    `),
    problems: [
      '2:27-31 bad-value "build": "true" is not false, a command, or a map with command, inputs and outputs.',
      '3:20-25 missing-key "build" needs "command". → For example: command: mvn -q package',
      '4:27-33 bad-value "build": a quote in it is not closed.',
      '5:44-50 unknown-key "output" is not a key of "build". → Did you mean "outputs"?',
      '6:29-33 wrong-type "fastcgi" takes a map with root and index, not true.',
      '7:33-36 wrong-type "interpreter" takes the name or the path of a program, not a list.',
    ],
    left: ['d'],
  },
  'ports must make sense together': {
    text: lines(`
      frontDoor: { port: 8000 }
      services:
        a: { command: x, port: 3000, instances: 2 }
        b: { command: x, port: 3000, handshake: none }
        c: { command: x, publish: 3000, handshake: none }
        d: { command: x, publish: 3000, port: 3000 }
        e: { command: x, publish: 8000 }
        f: { command: x, publish: 8080 }
        g: { command: x, publish: 8080 }
        h: { command: x, port: 3000 }
    `),
    problems: [
      '3:26-30 bad-value "port": one port cannot serve 2 instances. → Remove "port", so that each instance gets its own; "publish" fixes the address people use.',
      '4:26-30 bad-value "port": with "handshake: none" the port is not ours to choose. → Remove it, or set "handshake: port".',
      '5:29-33 bad-value "publish": with "handshake: none" there is no port to publish. → Remove it, or set "handshake: port".',
      '6:29-33 bad-value "publish": 3000 is the port of the instance itself. → Give one of the two another number.',
      '7:29-33 bad-value "publish": 8000 is already the port of the front door. → Give one of the two another number.',
      '9:29-33 bad-value "publish": 8080 is already the port of "f". → Give one of the two another number.',
    ],
    left: ['f', 'h'],
  },
  'checks that cannot work are told why': {
    text: lines(`
      services:
        a: { command: x, ready: {} }
        b: { command: x, ready: { interval: 1s } }
        c: { command: x, ready: { http: health } }
        d: { command: x, ready: { log: '(' } }
        e: { command: x, ready: { tcp: true }, handshake: none }
        f: { command: x, ready: { exec: 'a "b' } }
        g: { command: x, ready: soon }
        h: { command: x, ready: { tcp: false } }
        i: { command: x, ready: { log: '(a+)+b' } }
    `),
    problems: [
      '2:27-29 missing-key "ready" needs "tcp, http, log or exec". → For example: ready: { http: /health }',
      '3:29-37 missing-key "ready" needs "tcp, http, log or exec". → For example: ready: { http: /health }',
      '4:35-41 bad-value "ready.http": "health" is not a path beginning with /.',
      '5:34-37 bad-value "ready.log": it is no regular expression (/(/: Unterminated group).',
      '6:29-32 bad-value "ready.tcp": with "handshake: none" there is no port to look at. → Use log or exec, or set another handshake.',
      '7:35-41 bad-value "ready.exec": a quote in it is not closed.',
      '8:27-31 bad-value "ready": "soon" is not tcp, or a map with tcp, http, log or exec.',
      '9:29-32 missing-key "ready" needs "tcp, http, log or exec". → For example: ready: { http: /health }',
      '10:34-42 bad-value "ready.log": it can read one text in so many ways that matching might never end.',
    ],
    left: [],
  },
  'commands that cannot be run are told why': {
    text: lines(`
      services:
        a: { command: 'echo "x' }
        b: { command: '  ' }
        c: { command: [] }
        d: { command: [x, { y: z }] }
        e: { command: [x], shell: true }
        f: { command: "\${NOTHING}" }
        g: { command: 'echo \${1}' }
        h: { command: '' }
    `),
    problems: [
      '2:17-26 bad-value "command": a quote in it is not closed.',
      '3:17-21 bad-value "command": it names no program.',
      '4:17-19 bad-value "command": it names no program.',
      '5:21-29 wrong-type "command" takes a text, not a map.',
      '6:17-20 bad-value "command": a shell takes one text, and this is a list. → Write the command as one text, or remove "shell".',
      '7:17-29 unset-variable "command" uses ${NOTHING}, which is not set; it is taken as empty. → Set it under env or envFile, or write ${NOTHING:-default}.',
      '7:17-29 bad-value "command": it names no program.',
      '8:17-28 bad-value "command": "${1}" is neither ${NAME} nor ${NAME:-default}. → Write $$ for a dollar sign that means nothing.',
      '9:17-19 bad-value "command": must not be empty.',
    ],
    left: [],
  },
  'a variable that is set nowhere is a warning at its value': {
    text: lines(`
      env: { A: "\${ONE}" }
      services:
        api: { command: "x \${TWO} \${TWO}", cwd: "\${THREE:-}/y" }
    `),
    problems: [
      '1:11-19 unset-variable "env.A" uses ${ONE}, which is not set; it is taken as empty. → Set it under env or envFile, or write ${ONE:-default}.',
      '3:19-36 unset-variable "command" uses ${TWO}, which is not set; it is taken as empty. → Set it under env or envFile, or write ${TWO:-default}.',
    ],
    left: ['api'],
  },
  'a file that is not there is a problem at its name, and the service runs': {
    text: api('command: x\nenvFile: [.env, "${A:-b}.env"]'),
    problems: [
      '4:15-19 file-unreadable Cannot read .env: there is no such file, or it may not be read. → Check that the file exists and that you may read it.',
      '4:21-34 file-unreadable Cannot read b.env: there is no such file, or it may not be read. → Check that the file exists and that you may read it.',
    ],
    left: ['api'],
  },
  'names that no address can have are refused': {
    text: lines(`
      services:
        a.b: { command: x }
        -x: { command: x }
        "a b": { command: x }
        api: { command: x }
        API: { command: x }
        1: { command: x }
        my_web-2: { command: x }
    `),
    problems: [
      `2:3-6 bad-value "a.b": this cannot be the name of a service. → ${nameRule}`,
      `3:3-5 bad-value "-x": this cannot be the name of a service. → ${nameRule}`,
      `4:3-8 bad-value "a b": this cannot be the name of a service. → ${nameRule}`,
      '6:3-6 bad-value "API": it differs from "api" only in case. → Addresses know no case: choose another name.',
    ],
    left: ['api', '1', 'my_web-2'],
  },
  'a key that is there twice is told at the second place, and the first one counts': {
    text: lines(`
      services:
        api: { command: x }
        api: { command: y, port: nonsense }
    `),
    problems: ['3:3-6 duplicate-key "api" is here twice. → Keep one of them; the first one counts.'],
    left: ['api'],
  },
  'services that are named must be there': {
    text: lines(`
      frontDoor:
        routes: { /a: apo, b: api, /c: job, /d: broken }
      services:
        api: { command: x, dependsOn: [web, wbe, broken] }
        web: { command: x, dependsOn: { aip: ready } }
        job: { command: x, handshake: none }
        broken: { command: 1 }
    `),
    problems: [
      '2:17-20 unknown-service There is no service "apo". → Did you mean "api"?',
      '2:22-23 bad-value "frontDoor.routes": "b" does not begin with /. → Did you mean "/b"?',
      '2:34-37 bad-value "frontDoor.routes": "job" has "handshake: none", so there is no port to send requests to.',
      '4:39-42 unknown-service There is no service "wbe". → Did you mean "web"?',
      '5:35-38 unknown-service There is no service "aip". → Did you mean "api"?',
      '7:22-23 wrong-type "command" takes a text or a list of words, not the number 1.',
    ],
    left: ['api', 'web', 'job'],
  },
  'services that wait for each other are told so, once a circle': {
    text: lines(`
      services:
        a: { command: x, dependsOn: [b] }
        b: { command: x, dependsOn: [c] }
        c: { command: x, dependsOn: { a: started } }
        d: { command: x, dependsOn: [d, a] }
    `),
    problems: [
      '4:33-34 dependency-cycle These services wait for each other: a → b → c → a. → Take one of them out of "dependsOn"; until then, this one is left out.',
      '5:32-33 dependency-cycle These services wait for each other: d → d. → Take one of them out of "dependsOn"; until then, this one is left out.',
    ],
    left: ['a', 'b', 'c', 'd'],
  },
  'circles are found through mixed conditions too, and what is always restarted is never over': {
    text: lines(`
      services:
        a: { command: x, dependsOn: { b: exited, c: healthy } }
        b: { command: x, restart: always }
        c: { command: x, dependsOn: { d: started } }
        d: { command: x, dependsOn: { c: exited } }
    `),
    problems: [
      '2:33-34 bad-value "dependsOn": "b" is always restarted, so it is never over. → Set "restart: never" for "b", or wait for "ready".',
      '5:33-34 dependency-cycle These services wait for each other: c → d → c. → Take one of them out of "dependsOn"; until then, this one is left out.',
    ],
    left: ['a', 'b', 'c', 'd'],
  },
  'a group names services that are there, each in one group, and no name twice': {
    text: lines(`
      groups:
        back: [api, db, wbe]
        front: [api]
        db: [web]
        'a b': [web]
      services:
        api: { command: x }
        db: { command: x }
        web: { command: x, group: side }
    `),
    problems: [
      '2:19-22 unknown-service There is no service "wbe". → Did you mean "web"?',
      '3:11-14 bad-value "groups": "api" is already in the group "back". → A service can be in one group only: take it out of one of the two.',
      '4:3-5 bad-value "db": a service that is not in this group has the same name. → Give the group another name.',
      '4:8-11 bad-value "groups": "web" is already in the group "side". → A service can be in one group only: take it out of one of the two.',
      '5:3-8 bad-value "a b": this cannot be the name of a group. → Use letters, digits, - and _, at most 63 of them, with a letter or digit at both ends.',
    ],
    left: ['api', 'db', 'web'],
  },
  'a file in which there is nothing to run says so': {
    text: '# nothing yet\n',
    problems: [
      '1:1-1 no-services runtimes.yaml names no service. → Add one under "services:", with a name and a "command".',
    ],
    left: [],
  },
  'an empty list of services says so at its key': {
    text: 'version: 1\nservices:\n',
    problems: [
      '2:1-9 no-services runtimes.yaml names no service. → Add one under "services:", with a name and a "command".',
    ],
    left: [],
  },
  'a file that is no map hears what it should begin with': {
    text: 'services',
    problems: [
      '1:1-1 no-services runtimes.yaml names no service. → Add one under "services:", with a name and a "command".',
      '1:1-9 wrong-type "runtimes.yaml" takes a map with "services", not a text. → Begin with "services:" and name a service below it.',
    ],
    left: [],
  },
  'another version of the format is refused': {
    text: 'version: 2\nservices: { api: { command: x } }',
    problems: ['1:10-11 bad-value "version": "2" is not 1.'],
    left: ['api'],
  },
});

holds({
  'a half-typed key leaves all else in place': {
    text: 'services:\n  api:\n    command: x\n    por\n  web: { command: y }\n',
    problems: ['4:5-8 yaml-syntax A colon and a value are missing after this key.'],
    left: ['api', 'web'],
  },
  'a brace without quotes in a map in one line hears how to write it': {
    text: 'services:\n  n: { cwd: a, command: ./x.sh --port {port} -v, shell: false }\n',
    problems: [
      '2:39-40 yaml-syntax Unexpected flow-map-start at node end. → A "{" in a map in one line has to be quoted: command: "./x.sh --port {port} -v"',
    ],
    left: ['n'],
  },
  'a list that is never closed ends where the next key begins': {
    text: 'services:\n  web: { command: y }\n  api:\n    command: [x, y\n    prot: 3000\n',
    problems: [
      '5:5-6 yaml-syntax Flow sequence in block collection must be sufficiently indented and end with a ].',
    ],
    left: ['web', 'api'],
  },
  // After a tab the line counts as standing at the left edge, so that the command is none of the service.
  'tabs are named, and nothing that follows from them': {
    text: 'services:\n  web: { command: y }\n  api:\n\t\tcommand: x\n',
    problems: ['4:1-3 yaml-syntax YAML is indented with spaces, not with tabs.'],
    left: ['web'],
  },
  'a line that is indented too far makes no value of another kind, and hides no service': {
    text: lines(`
      frontDoor: { routes: { /: reports } }
      services:
        web: { command: x, dependsOn: [reports], instances: 0 }
        api:
          command: x
          balance: least-busy
            instances: 2
        reports: { command: y, prot: 3 }
    `),
    problems: [
      '3:55-56 bad-value "instances": "0" is not between 1 and 1000.',
      '6:14-15 yaml-syntax A value with a colon and a blank in it needs quotes around it.',
    ],
    left: ['reports'],
  },
  'a colon that is missing is told once, and what stands before it all the same': {
    text: lines(`
      services:
        web: { command: x, prot: 3 }
        api:
          command: x
          balance least-busy
          instances: 2
        worker: { command: x, dependsOn: [gone] }
    `),
    problems: [
      '2:22-26 unknown-key "prot" is not a key of a service. → Did you mean "port"?',
      '5:5-6:14 yaml-syntax A colon is missing in this line, or the next one is indented too far.',
    ],
    left: ['web', 'api', 'worker'],
  },
  'a second document does not count': {
    text: 'services: { api: { command: x } }\n---\nservices: { web: { command: x } }\n',
    problems: [
      '2:1-4 yaml-syntax Only one document fits in a file: remove the "---" and what follows, or put it in a file of its own.',
    ],
    left: ['api'],
  },
  'an alias without an anchor, and one that contains itself, are told': {
    text: 'services:\n  api: { command: x, env: *none }\n  web: &web { command: node, debug: { deep: *web } }\n',
    problems: [
      '2:27-32 yaml-syntax "*none" refers to an anchor that is not set above.',
      '3:45-49 yaml-syntax "*web" makes the file contain itself too often.',
    ],
    left: ['api', 'web'],
  },
  'what is written once and used twice is wrong once': {
    text: 'services:\n  api: &api { command: x, frob: 1 }\n  web: { <<: *api }\n',
    problems: ['2:27-31 unknown-key "frob" is not a key of a service.'],
    left: ['api', 'web'],
  },
});

test('files laid over each other: the later wins key by key, lists are replaced, problems and paths keep their file', () => {
  const text = lines(`
    env: { A: 1, B: 1 }
    services:
      api:
        command: run \${A}\${B}
        exitCodes: [0, 1]
        cwd: sub
        prot: 1
      web: { command: w, logFile: a.log }
  `);
  const over = lines(`
    env: { B: 2 }
    services:
      api: { exitCodes: [3], logFile: x.log, frob: 1 }
      web:
      job: { command: j, handshake: none, envFile: e.env }
  `);
  const config = read(text, {
    files: { '/elsewhere/over.yaml': over },
    others: { '/elsewhere/e.env': 'E=1' },
  });
  assert.deepEqual(
    config.services.map(({ name, command, exitCodes, cwd, logFile, env }) => ({
      name,
      command,
      exitCodes,
      cwd,
      logFile: logFile?.path,
      env,
    })),
    [
      {
        name: 'api',
        command: ['run', '12'],
        exitCodes: [3],
        cwd: '/w/sub',
        logFile: '/elsewhere/x.log',
        env: { A: '1', B: '2' },
      },
      {
        name: 'web',
        command: ['w'],
        exitCodes: [0],
        cwd: '/w',
        logFile: '/w/a.log',
        env: { A: '1', B: '2' },
      },
      {
        name: 'job',
        command: ['j'],
        exitCodes: [0],
        cwd: '/elsewhere',
        logFile: undefined,
        env: { A: '1', B: '2', E: '1' },
      },
    ],
  );
  assert.deepEqual(config.files, ['/w/runtimes.yaml', '/elsewhere/over.yaml']);
  assert.deepEqual(problemsOf(config), [
    '7:5-9 unknown-key "prot" is not a key of a service. → Did you mean "port"?',
    '/elsewhere/over.yaml 3:42-46 unknown-key "frob" is not a key of a service.',
  ]);
});

test('a file in .vscode counts as standing in the folder', () => {
  const config = read('', {
    files: { '/w/.vscode/runtimes.yaml': 'services: { api: { command: x, logFile: a.log, envFile: .env } }' },
    others: { '/w/.env': 'E=1' },
  });
  const [api] = config.services;
  assert.deepEqual(
    [api?.cwd, api?.logFile?.path, api?.env, config.problems.length],
    ['/w', '/w/a.log', { E: '1' }, 0],
  );
});

test('lines of an environment file that are none are told where the file is named', () => {
  const config = read(api('command: x\nenvFile: .env'), { others: { '/w/.env': 'A=1\noops\nB="open' } });
  assert.deepEqual(config.problems.map(inOneLine), [
    '4:14-18 env-file-line In .env, lines 2, 3 cannot be read as KEY=VALUE. → Write KEY=VALUE, with a # before a comment and every quote closed.',
  ]);
  assert.deepEqual(config.services[0]?.env, { A: '1' });
});

test('a command that was written for a shell says that none runs it', () => {
  const said = (command: string, more = ''): readonly string[] =>
    loadConfig({
      folder: '/w',
      files: [{ path: '/w/runtimes.yaml', text: `services:\n  web:\n    command: ${command}\n${more}` }],
      environment: {},
      readFile: () => undefined,
    }).problems.map(({ code, message }) => `${code} ${message}`);
  const word = (text: string): string =>
    `no-shell "command": no shell runs this, so "${text}" is handed to the program as it stands.`;
  assert.deepEqual(said('node args.js --port $PORT'), [word('$PORT')]);
  assert.deepEqual(said('node a.js && echo hi'), [word('&&')]);
  assert.deepEqual(said('PORT=4000 node a.js'), [word('PORT=4000')]);
  assert.deepEqual(said('node a.js && echo $PORT', '    shell: true\n'), []);
  assert.deepEqual(said('node a.js --port {port} --name=x -e "a b" ${PORT}'), []);
});

test('the text that a shell is given to run is meant for that shell', () => {
  const said = (command: string): readonly string[] =>
    loadConfig({
      folder: '/w',
      files: [{ path: '/w/runtimes.yaml', text: `services:\n  web:\n    command: ${command}\n` }],
      environment: {},
      readFile: () => undefined,
    }).problems.map(({ code }) => code);
  for (const shell of ['sh', '/bin/bash', 'dash', '/usr/bin/zsh', 'ksh'])
    assert.deepEqual(said(`${shell} -ec "while read l; do echo $l; done"`), []);
  assert.deepEqual(said('sh -c "echo $X" > out'), ['no-shell']);
  assert.deepEqual(said('node -c "echo $X"'), ['no-shell']);
});

/** The recipe of Java: which Java, who makes the jar, the launchers of App Engine's SDKs, and the debugger. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../../src/config/spec.ts';
import { java } from '../../../src/core/runtimes/java.ts';
import { readJava } from '../../../src/core/runtimes/java/command.ts';
import type { Aims, Plan, Unfit } from '../../../src/core/runtimes/recipe.ts';
import { aimsOf } from '../../support/aims.ts';
import { applicationOf } from '../../support/application.ts';
import { lookAt, type PretendedMachine } from '../../support/look.ts';
import { specOf } from '../../support/spec.ts';

const jdk = { '/jdk/bin/java': '', '/jdk/bin/javac': '', '/jdk/bin/jar': '' };
const env = { PATH: '/jdk/bin:/usr/bin' };
const version = (text: string) => ({
  '/jdk/bin/java -version': {
    exit: { code: 0 },
    stdout: '',
    stderr: `openjdk version "${text}" 2025-04-15\n`,
  },
});

function serviceOf(command: string, more: Partial<ServiceSpec> = {}): ServiceSpec {
  return specOf({ runtime: 'java', command: command.split(' '), ...more });
}

async function made(
  service: ServiceSpec,
  given: PretendedMachine = {},
  aims: Partial<Aims> = {},
): Promise<Plan | Unfit> {
  const machine = { env, ...given, files: { ...jdk, ...given.files } };
  return java.plan(service, lookAt(machine), aimsOf(aims));
}

async function planned(...args: Parameters<typeof made>): Promise<Plan> {
  const plan = await made(...args);
  return plan.kind === 'plan' ? plan : assert.fail(JSON.stringify(plan.problem));
}

async function refused(...args: Parameters<typeof made>): Promise<Unfit> {
  const plan = await made(...args);
  return plan.kind === 'unfit' ? plan : assert.fail(`it is fit: ${plan.command.join(' ')}`);
}

describe('what a java command is taken apart into', () => {
  const table: readonly (readonly [string, ReturnType<typeof readJava>])[] = [
    ['-Xmx1g -jar a.jar --x', { options: ['-Xmx1g'], mode: { kind: 'jar', file: 'a.jar' }, args: ['--x'] }],
    [
      '-cp a:b shop.Main y',
      { options: ['-cp', 'a:b'], mode: { kind: 'main', name: 'shop.Main' }, args: ['y'] },
    ],
    ['-m shop/shop.Main', { options: [], mode: { kind: 'main', name: 'shop/shop.Main' }, args: [] }],
    ['Shop.java 1', { options: [], mode: { kind: 'source', file: 'Shop.java' }, args: ['1'] }],
    ['-Xmx1g -ea', { options: ['-Xmx1g', '-ea'], mode: { kind: 'options' }, args: [] }],
  ];
  for (const [words, command] of table) {
    it(`of ${words}`, () => assert.deepEqual(readJava(words.split(' ')), command));
  }
});

describe('a service of Java', () => {
  it('runs its jar by the Java of the PATH', async () => {
    const plan = await planned(serviceOf('java -jar a.jar --port {port}'), { files: { '/w/a.jar': '' } });
    assert.deepEqual(plan.command, ['java', '-jar', 'a.jar', '--port', '{port}']);
    assert.deepEqual([plan.path, plan.builds], [['/jdk/bin'], []]);
  });

  it('whose jar is not there is not started, and says where it was looked for', async () => {
    const { problem } = await refused(serviceOf('java -jar out/a.jar'));
    assert.equal(problem.code, 'missing-entry');
    assert.ok('looked' in problem.params);
    assert.equal(problem.params.looked, '/w/out/a.jar');
  });

  it('with a main class, a program of its own or a shell’s text is started without more ado', async () => {
    for (const command of ['java -cp classes Shop', '/opt/java -cp x Shop', 'kotlin Shop']) {
      const { command: words, builds } = await planned(serviceOf(command));
      assert.deepEqual([words, builds], [command.split(' '), []]);
    }
    const shell = await planned(
      specOf({ runtime: 'java', command: ['cd x && java -jar a.jar'], shell: true }),
    );
    assert.deepEqual(shell.command, ['cd x && java -jar a.jar']);
  });

  it('of sources without a build file is compiled, packed and run from a jar of ours, where nobody wrote a command', async () => {
    const files = {
      '/w/src/shop/Main.java': 'package shop;\nclass Main { public static void main(String[] a) {} }',
      '/w/src/shop/Item.java': '',
      '/w/src/test/T.java': '',
    };
    const plan = await planned(
      serviceOf('java -ea src/shop/Main.java --port {port}', { proposed: 'sources' }),
      { files },
    );
    assert.deepEqual(plan.command, ['java', '-ea', '-jar', '/storage/work/api/app.jar', '--port', '{port}']);
    const [build] = plan.builds ?? [];
    assert.deepEqual(
      build?.steps.map(({ argv }) => argv.join(' ')),
      [
        '/jdk/bin/javac -J-Duser.language=en -encoding UTF-8 -g -d /storage/work/api/classes src/shop/Item.java src/shop/Main.java',
        '/jdk/bin/jar --create --file /storage/work/api/app.jar --main-class shop.Main -C /storage/work/api/classes .',
      ],
    );
    assert.deepEqual(build?.makes, ['/storage/work/api/app.jar']);
    const written = await planned(serviceOf('java src/shop/Main.java'), { files });
    assert.deepEqual([written.command, written.builds], [['java', 'src/shop/Main.java'], []]);
  });

  it('takes libraries and resources that lie where people put them', async () => {
    const files = { '/w/Main.java': '', '/w/lib/a.jar': '', '/w/src/main/resources/x.txt': '' };
    const plan = await planned(serviceOf('java Main.java', { proposed: 'sources' }), { files });
    assert.deepEqual(plan.command, ['java', '-cp', '/storage/work/api/app.jar:/w/lib/*', 'Main']);
    const [javac, jar] = plan.builds?.[0]?.steps.map(({ argv }) => argv.join(' ')) ?? [];
    assert.match(javac ?? '', / -cp \/w\/lib\/\* Main\.java$/u);
    assert.match(jar ?? '', / -C \/w\/src\/main\/resources \.$/u);
  });

  it('without a compiler says that a JDK is missing', async () => {
    const { problem } = await java
      .plan(
        serviceOf('java Main.java', { proposed: 'sources' }),
        lookAt({ env, files: { '/jdk/bin/java': '', '/w/Main.java': '' } }),
        aimsOf(),
      )
      .then((each) => (each.kind === 'unfit' ? each : assert.fail()));
    assert.equal(problem.code, 'missing-program');
    assert.ok('programs' in problem.params);
    assert.deepEqual(problem.params.programs, ['javac']);
  });

  const pom = '<project><artifactId>shop</artifactId><version>1.2</version></project>';
  const projects: readonly (readonly [
    string,
    Readonly<Record<string, string>>,
    string,
    readonly string[] | undefined,
  ])[] = [
    [
      'Maven',
      { '/w/pom.xml': pom, '/usr/bin/mvn': '' },
      'target/a.jar',
      ['/usr/bin/mvn', '-q', '-DskipTests', 'package'],
    ],
    [
      'Maven’s wrapper',
      { '/w/pom.xml': pom, '/w/mvnw': '' },
      'target/a.jar',
      ['/w/mvnw', '-q', '-DskipTests', 'package'],
    ],
    [
      'Gradle’s wrapper',
      { '/w/build.gradle': '', '/w/gradlew': '' },
      'build/libs/a.jar',
      ['/w/gradlew', '-q', 'build', '-x', 'test'],
    ],
    [
      'nobody that is known',
      { '/w/pom.xml': pom, '/usr/bin/mvn': '', '/w/lib/a.jar': '' },
      'lib/a.jar',
      undefined,
    ],
    [
      'a Maven that is not there, long ago',
      { '/w/pom.xml': pom, '/w/target/a.jar': '' },
      'target/a.jar',
      undefined,
    ],
  ];
  for (const [who, files, jar, argv] of projects) {
    it(`runs a jar that is made by ${who}`, async () => {
      const plan = await planned(serviceOf(`java -jar ${jar}`), { files });
      assert.deepEqual(plan.command, ['java', '-jar', jar]);
      assert.deepEqual(plan.builds?.[0]?.steps[0]?.argv, argv);
      if (argv !== undefined) assert.deepEqual(plan.builds?.[0]?.makes, [`/w/${jar}`]);
    });
  }

  it('has its jar made by the wrapper of the whole project, and by a shell where that may not be run', async () => {
    const files = { '/w/shop/build.gradle': '', '/w/gradlew': '' };
    const service = serviceOf('java -jar build/libs/a.jar', { cwd: '/w/shop' });
    const builtBy = async (notExecutable: readonly string[]): Promise<readonly unknown[]> => {
      const [build] = (await planned(service, { files, notExecutable })).builds ?? [];
      return [build?.title, build?.steps[0]?.argv.slice(0, 2), build?.steps[0]?.cwd];
    };
    assert.deepEqual(await builtBy([]), ['gradlew -q build -x test', ['/w/gradlew', '-q'], '/w/shop']);
    assert.deepEqual(await builtBy(['/w/gradlew']), [
      'sh gradlew -q build -x test',
      ['/bin/sh', '/w/gradlew'],
      '/w/shop',
    ]);
  });

  it('that is a module is built from where its modules are named, with those that it needs', async () => {
    const whole = '<project><modules><module>base</module><module> shop </module></modules></project>';
    const files = { '/w/shop/pom.xml': pom, '/w/pom.xml': whole, '/usr/bin/mvn': '' };
    const plan = await planned(serviceOf('java -jar target/a.jar', { cwd: '/w/shop' }), { files });
    const [build] = plan.builds ?? [];
    assert.deepEqual(build?.steps, [
      { argv: ['/usr/bin/mvn', '-q', '-DskipTests', 'package', '-pl', 'shop', '-am'], cwd: '/w' },
    ]);
    assert.deepEqual([build.inputs.root, build.makes], ['/w', ['/w/shop/target/a.jar']]);
    const alone = { ...files, '/w/pom.xml': pom };
    const own = await planned(serviceOf('java -jar target/a.jar', { cwd: '/w/shop' }), { files: alone });
    assert.equal(own.builds?.[0]?.steps[0]?.cwd, '/w/shop');
  });

  it('of Maven’s whose jar nobody named has the one that Maven will make, and misses Maven', async () => {
    const service = serviceOf('java -jar target/app.jar', { proposed: 'no jar is built yet' });
    const plan = await planned(service, { files: { '/w/pom.xml': pom, '/usr/bin/mvn': '' } });
    assert.deepEqual(plan.command, ['java', '-jar', 'target/shop-1.2.jar']);
    const { problem } = await refused(service, { files: { '/w/pom.xml': pom } });
    assert.ok('what' in problem.params);
    assert.equal(problem.params.what, 'Maven');
  });

  it('that the file says how to build is built so, and by nobody else', async () => {
    const build = { command: ['make'], inputs: ['src/**'], outputs: ['/w/target/a.jar'] };
    const plan = await planned(serviceOf('java -jar target/a.jar', { build }), {
      files: { '/w/pom.xml': pom },
    });
    assert.deepEqual(
      plan.builds?.map(({ title }) => title),
      ['make'],
    );
  });
});

describe('the Java of a service', () => {
  const jar = { '/w/a.jar': '' };
  const where: readonly (readonly [string, PretendedMachine, Partial<ServiceSpec>, string])[] = [
    [
      'of JAVA_HOME',
      { env: { ...env, JAVA_HOME: '/home-jdk' }, files: { '/home-jdk/bin/java': '' } },
      {},
      '/home-jdk/bin',
    ],
    ['of the PATH, where JAVA_HOME names nothing', { env: { ...env, JAVA_HOME: '/gone' } }, {}, '/jdk/bin'],
    [
      'that the editor has selected, by its folder',
      { chosen: { java: '/sel' }, files: { '/sel/bin/java': '' } },
      {},
      '/sel/bin',
    ],
    ['that the file names', { files: { '/own/java': '' } }, { interpreter: '/own/java' }, '/own'],
    [
      'that .sdkmanrc names',
      {
        files: {
          '/w/.sdkmanrc': 'java=17.0.7-tem\n',
          '/home/ann/.sdkman/candidates/java/17.0.7-tem/bin/java': '',
        },
      },
      {},
      '/home/ann/.sdkman/candidates/java/17.0.7-tem/bin',
    ],
    [
      'that .java-version names',
      { files: { '/w/.java-version': '17\n', '/home/ann/.jenv/versions/17/bin/java': '' } },
      {},
      '/home/ann/.jenv/versions/17/bin',
    ],
  ];
  for (const [what, given, service, bin] of where) {
    it(`is the one ${what}`, async () => {
      const plan = await planned(serviceOf('java -jar a.jar', service), {
        ...given,
        files: { ...jar, ...given.files },
      });
      assert.deepEqual(plan.path, [bin]);
    });
  }

  it('is one that its installer has put down, where nothing names one', async () => {
    const files = { ...jar, '/usr/lib/jvm/java-17/bin/java': '', '/usr/lib/jvm/java-21/bin/java': '' };
    const plan = await java.plan(serviceOf('java -jar a.jar'), lookAt({ files }), aimsOf());
    assert.deepEqual(plan.kind === 'plan' ? plan.path : plan, ['/usr/lib/jvm/java-21/bin']);
    const nowhere = await java.plan(serviceOf('java -jar a.jar'), lookAt({ files: jar }), aimsOf());
    assert.equal(nowhere.kind === 'unfit' ? nowhere.problem.code : nowhere, 'missing-program');
  });

  const wishes: readonly (readonly [string, string, string, string | undefined, number])[] = [
    ['.java-version', '21\n', '17.0.15', '21', 0],
    ['.sdkmanrc', '# x\njava=21.0.1-tem\n', '17.0.15', '21.0.1-tem', 0],
    ['pom.xml', '<maven.compiler.release>21</maven.compiler.release>', '17.0.15', '21', 0],
    ['pom.xml', '<java.version>1.8</java.version>', '1.8.0_292', undefined, 0],
    // A later one runs what was made for an earlier one.
    ['.java-version', '11', '17.0.15', undefined, 1],
    ['pom.xml', '<release>11</release>', '17.0.15', undefined, 0],
  ];
  for (const [file, text, found, wanted, warned] of wishes) {
    it(`of version ${found} is ${wanted === undefined ? 'taken' : 'refused'} for ${file} with ${JSON.stringify(text)}`, async () => {
      const plan = await made(serviceOf('java -jar a.jar'), {
        files: { ...jar, [`/w/${file}`]: text },
        says: version(found),
      });
      if (plan.kind === 'plan') {
        assert.equal(wanted, undefined);
        assert.equal(plan.warnings?.length ?? 0, warned);
        return;
      }
      assert.ok('wanted' in plan.problem.params);
      assert.equal(plan.problem.params.wanted, wanted);
      assert.equal(plan.places?.[0]?.file, `/w/${file}`);
    });
  }
});

describe('App Engine’s own launchers of Java', () => {
  const sdk = { '/sdk/lib/appengine-tools-api.jar': '' };
  const jetty = { '/jetty/start.jar': '' };
  const classic = (
    command = 'java -jar target/app.jar',
    more: Partial<ServiceSpec> = { proposed: 'none' },
  ): ServiceSpec =>
    applicationOf(
      { runtime: 'java8' },
      { runtime: 'java', command: command.split(' '), handshake: 'file', env: { OWN: '1' }, ...more },
    );
  const machine = (): ServiceSpec =>
    applicationOf(
      { runtime: 'java', environment: 'flexible', vm: true, row: 'java-vm' },
      { runtime: 'java', command: ['java', '-Xmx64m'], handshake: 'reverse-no-file', env: { OWN: '1' } },
    );

  it('run the application below the SDK that APP_ENGINE_JAVA_PATH names, by the Java of JAVA_HOME (RT-18)', async () => {
    const given = {
      env: { ...env, APP_ENGINE_JAVA_PATH: '/sdk', JAVA_HOME: '/home-jdk' },
      files: { ...sdk, '/home-jdk/bin/java': '' },
    };
    const plan = await planned(classic(), given);
    assert.deepEqual(plan.command, [
      ...['/home-jdk/bin/java', '-cp', '/sdk/lib/appengine-tools-api.jar'],
      ...['-Dappengine.sdk.root=/sdk', '-Dappengine.runtime=java8'],
      'com.google.appengine.tools.development.devappserver2.StandaloneInstance',
    ]);
    assert.equal(plan.extraArgument, undefined);
  });

  it('have the options of a command that is nothing but these, behind the flag that macOS needs (RT-18)', async () => {
    const given = { env: { ...env, APP_ENGINE_JAVA_PATH: '/sdk', JAVA_HOME: '/gone' }, files: sdk };
    const plan = await planned(classic('java -Xmx64m -ea', {}), given, { platform: 'darwin' });
    assert.equal(plan.command[0], 'java');
    assert.deepEqual(plan.command.slice(5, -1), ['-XstartOnFirstThread', '-Xmx64m', '-ea']);
    const own = await planned(classic('java -jar own.jar', {}), {
      ...given,
      files: { ...sdk, '/w/own.jar': '' },
    });
    assert.deepEqual(own.command, ['java', '-jar', 'own.jar']);
  });

  it('run it in the Jetty that APP_ENGINE_JETTY_HOME names, which gets its port as one more argument (RT-18, RT-20)', async () => {
    const given = {
      env: { ...env, APP_ENGINE_JETTY_HOME: '/jetty', APP_ENGINE_JETTY_BASE: '/base' },
      files: jetty,
    };
    const [first, second] = [await planned(machine(), given), await planned(machine(), given)];
    assert.deepEqual(first.command, [
      ...['java', '-Dgcloud.java.application=/w', '-Djetty.home=/jetty', '-Djetty.base=/base'],
      ...['-Xmx64m', '-jar', '/jetty/start.jar'],
    ]);
    assert.equal(first.extraArgument?.(4000), 'jetty.port=4000');
    // Nothing of the first is left in the second.
    assert.deepEqual([second.command, second.extraArgument?.(4001)], [first.command, 'jetty.port=4001']);
  });

  it('have the environment of their kind, the service’s variables over it, and a log’s pattern last in a machine (RT-19)', async () => {
    const one = await planned(classic(), { env: { ...env, APP_ENGINE_JAVA_PATH: '/sdk' }, files: sdk });
    assert.equal(one.environment?.own, 'over');
    assert.equal(one.environment.beneath['TZ'], 'UTC');
    assert.deepEqual(one.environment.above, {});
    const other = await planned(machine(), {
      env: { ...env, APP_ENGINE_JETTY_HOME: '/jetty' },
      files: jetty,
    });
    assert.match(other.environment?.above['APP_ENGINE_LOG_CONFIG_PATTERN'] ?? '', /gae\/log\.%g$/u);
  });

  for (const [what, given] of [
    ['is not named', { env }],
    ['has no library', { env: { ...env, APP_ENGINE_JAVA_PATH: '/sdk' } }],
    ['has no jar', { env: { ...env, APP_ENGINE_JAVA_PATH: '/sdk' }, files: { '/sdk/lib/': '' } }],
  ] as const) {
    it(`say so where the SDK ${what} (RT-18)`, async () => {
      assert.match((await refused(classic(), given)).problem.code, /^(?:unfit|missing-entry)$/u);
    });
  }
});

describe('the debugger of Java', () => {
  const agent = (port: number): string =>
    `-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:${port}`;

  it('is let in by an option of java’s own', async () => {
    const plan = await planned(
      serviceOf('java -jar a.jar'),
      { files: { '/w/a.jar': '' } },
      { debugPort: 5005 },
    );
    assert.deepEqual(plan.command, ['java', agent(5005), '-jar', 'a.jar']);
  });

  it('is let in by Spring’s plugin, and into whatever else starts Java by a variable', async () => {
    const spring = await planned(serviceOf('mvn spring-boot:run'), {}, { debugPort: 5005 });
    assert.equal(spring.command.at(-1), `-Dspring-boot.run.jvmArguments=${agent(5005)}`);
    const gradle = await planned(
      serviceOf('gradle run'),
      { env: { ...env, JAVA_TOOL_OPTIONS: '-Dx=1' } },
      { debugPort: 5005 },
    );
    assert.deepEqual(gradle.command, ['gradle', 'run']);
    assert.equal(gradle.environment?.above['JAVA_TOOL_OPTIONS'], `-Dx=1 ${agent(0)}`);
  });

  it('says where it listens', () => {
    const at = java.debugging?.address;
    assert.deepEqual(at?.('Listening for transport dt_socket at address: 5005'), {
      host: '127.0.0.1',
      port: 5005,
    });
    assert.deepEqual(at?.('Listening for transport dt_socket at address: *:5005'), {
      host: '127.0.0.1',
      port: 5005,
    });
    assert.equal(at?.('Listening on 5005'), undefined);
  });
});

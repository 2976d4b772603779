import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { loginUrl, sameOrigin } from '../../../src/core/appengine/login-page.ts';
import { style, styleHash } from '../../../src/core/proxy/page-style.ts';
import { permission, userId, userOf } from '../../../src/core/appengine/login.ts';
import { admin, bodyOf, Front, handler, somebody, value, values } from './support.ts';

const origin = 'http://localhost:8081';

describe('the cookie of a login', () => {
  const read = (cookies: string | undefined) => {
    const warnings: string[] = [];
    const user = userOf(cookies, (line) => warnings.push(line));
    return { user, warnings };
  };

  it('says who it is, and whether as an administrator (HP-43)', () => {
    assert.deepEqual(read('dev_appserver_login=user@example.com:True:123').user, {
      email: 'user@example.com',
      admin: true,
      id: '123',
      nickname: 'user',
      organization: 'example.com',
    });
    for (const said of ['False', 'true', '1', '']) {
      assert.equal(read(`dev_appserver_login=user@example.com:${said}:123`).user?.admin, false, said);
    }
  });

  it('may be short of parts or have too many, and stand among others in quotes (HP-43)', () => {
    assert.deepEqual(read('dev_appserver_login=a@b@c').user, {
      ...{ email: 'a@b@c', admin: false, id: '', nickname: 'a', organization: 'b@c' },
    });
    const text = String.raw`a=b; dev_appserver_login="a@b:True:9:x:\054"; c="d e"`;
    assert.deepEqual([read(text).user?.email, read(text).user?.id], ['a@b', '9']);
  });

  it('says nothing without an @, and that is worth a warning unless it is empty (HP-43)', () => {
    assert.deepEqual(read('dev_appserver_login=nobody:True:1'), {
      user: undefined,
      warnings: ['Ignoring invalid login cookie: nobody:True:1'],
    });
    for (const cookies of ['dev_appserver_login=', 'other=a@b', '', undefined]) {
      assert.deepEqual(read(cookies), { user: undefined, warnings: [] });
    }
  });

  it('says nothing where it would break out of the headers that tell of it (HP-43)', () => {
    const { user, warnings } = read(String.raw`dev_appserver_login="a@b\012X-Evil: 1:True:1"`);
    assert.equal(user, undefined);
    assert.deepEqual(warnings, ['Ignoring invalid login cookie: a@b?X-Evil: 1:True:1']);
  });

  it('says nothing in a header that is none (HP-43)', () => {
    for (const bad of ['a b=c', '@=x', 'x/y=z', '{}=1']) {
      assert.equal(read(`${bad}; dev_appserver_login=a@b:True:1`).user, undefined, bad);
    }
    assert.equal(read('rubbish; dev_appserver_login=a@b:True:1').user?.email, 'a@b');
  });
});

describe('a user’s id', () => {
  it('is a 1 and 20 digits of the e-mail’s MD5, in capitals or not', () => {
    // The MD5 of test@example.com is 55 50 21 20 … in hexadecimal.
    assert.equal(userId('test@example.com'), '185804764220139124118');
    assert.equal(userId('Test@EXAMPLE.com'), userId('test@example.com'));
    fc.assert(fc.property(fc.emailAddress(), (email) => assert.match(userId(email), /^1\d{20}$/)));
  });
});

describe('a handler that wants a login', () => {
  const nobody = undefined;
  const user = { email: 'user@example.com', admin: false };
  const boss = { email: 'user@example.com', admin: true };
  const none = { login: false, admin: false };

  it('is for who is there, or for administrators, as it says (HP-44)', () => {
    const rows = [
      ['optional', nobody, none, 'granted'],
      ['required', nobody, none, 'login'],
      ['required', user, none, 'granted'],
      ['admin', nobody, none, 'login'],
      ['admin', user, none, 'unauthorized'],
      ['admin', boss, none, 'granted'],
      // Requests of our own: a mark for an administrator is enough for one, and no login.
      ['admin', nobody, { login: false, admin: true }, 'granted'],
      ['required', nobody, { login: false, admin: true }, 'login'],
      ['required', nobody, { login: true, admin: false }, 'granted'],
      ['admin', nobody, { login: true, admin: false }, 'unauthorized'],
      ['admin', nobody, { login: true, admin: true }, 'granted'],
    ] as const;
    for (const [login, who, fake, kind] of rows) {
      const said = permission({ login, onAuthFail: 'redirect' }, who, fake).kind;
      assert.equal(said, kind, `${login} for ${JSON.stringify([who, fake])}`);
    }
    assert.deepEqual(
      permission({ login: 'admin', onAuthFail: 'redirect' }, nobody, { login: true, admin: false }),
      {
        kind: 'unauthorized',
        body: 'Current logged in user Fake User is not authorized to view this page.',
      },
    );
  });

  it('sends who is nobody to the login page, to come back (HP-44)', async () => {
    for (const login of ['required', 'admin'] as const) {
      const front = new Front({ handlers: [handler({ url: '/.*', login })] });
      const { status, headers } = await front.answer({ target: '/a%20b?c=d&e' });
      assert.equal(status, 302);
      const location = value(headers, 'location') ?? '';
      assert.equal(location, `${origin}/_ah/login?continue=${encodeURIComponent(`${origin}/a%20b?c=d&e`)}`);
    }
  });

  it('turns who is nobody away in the reference’s words, where it is told to (HP-44)', async () => {
    const front = new Front({
      handlers: [handler({ url: '/.*', login: 'admin', onAuthFail: 'unauthorized' })],
    });
    const answer = await front.answer();
    assert.deepEqual(
      [answer.status, answer.reason, bodyOf(answer)],
      [401, 'Not authorized', 'Login required to view page.'],
    );
    assert.equal(value(answer.headers, 'content-type'), 'text/html');
    assert.equal(value(answer.headers, 'cache-control'), 'no-cache');
  });

  it('turns away who is no administrator, by name (HP-44)', async () => {
    const front = new Front({ handlers: [handler({ url: '/.*', login: 'admin' })] });
    const answer = await front.answer({ headers: somebody });
    assert.deepEqual(
      [answer.status, bodyOf(answer)],
      [401, 'Current logged in user user@example.com is not authorized to view this page.'],
    );
    const odd = await front.answer({ headers: [['Cookie', 'dev_appserver_login=<b>@x:False:1']] });
    assert.match(bodyOf(odd), /user &lt;b&gt;@x is not/);
    front.script({ headers: admin });
  });

  it('is not passed by with slashes that a program may fold', async () => {
    const handlers = [
      handler({ url: '/admin/.*', login: 'admin' }),
      handler({ url: '/mine', login: 'required', onAuthFail: 'unauthorized' }),
      handler({ url: '/open/.*' }),
      handler({ url: '/.*', serves: { kind: 'script', script: 'rest.app' } }),
    ];
    const front = new Front({ handlers });
    for (const [target, nobody, other, path] of [
      ['//admin/x', 302, 401, '//admin/x'],
      ['///admin//x?y', 302, 401, '///admin//x?y'],
      ['/%2Fadmin/x', 302, 401, '//admin/x'],
      ['//%61dmin/x', 302, 401, '//admin/x'],
      ['//mine', 401, undefined, '//mine'],
    ] as const) {
      assert.equal((await front.answer({ target })).status, nobody, target);
      if (other !== undefined)
        assert.equal((await front.answer({ target, headers: somebody })).status, other, target);
      // Slashes are not touched for all that (HP-37).
      assert.equal(front.sent({ target, headers: admin }).target, path);
    }
    // Where no login is asked for, a path is what it is.
    const { headers } = front.sent({ target: '//open/x' });
    assert.equal(value(headers, 'X-AppEngine-Dev-Script'), 'rest.app');
  });

  it('believes no client that calls itself one of ours (HP-44)', async () => {
    const front = new Front({ handlers: [handler({ url: '/.*', login: 'admin' })] });
    const answer = await front.answer({
      headers: [
        ['X-AppEngine-Fake-Is-Admin', '1'],
        ['X-AppEngine-Fake-Logged-In', '1'],
      ],
    });
    assert.equal(answer.status, 302);
  });
});

describe('the login page', () => {
  const ask = (query: string, headers: readonly (readonly [string, string])[] = []) =>
    new Front().answer({ target: `/_ah/login${query}`, headers });

  it('is a form that tells who is logged in and comes back to where it was asked for', async () => {
    const answer = await ask(`?continue=${encodeURIComponent(`${origin}/x?y="><script>`)}`, admin);
    assert.equal(answer.status, 200);
    assert.match(bodyOf(answer), /<b>user@example\.com<\/b>, an administrator/);
    assert.match(bodyOf(answer), /name="admin" type="checkbox" value="True" checked>/);
    assert.doesNotMatch(bodyOf(answer), /<script>/);
    assert.match(value(answer.headers, 'content-security-policy') ?? '', /default-src 'none'/);
  });

  it('has the looks of our pages, and lets no other style in', async () => {
    const answer = await ask('');
    assert.ok(bodyOf(answer).includes(`<style>${style}</style>`));
    const policy = value(answer.headers, 'content-security-policy') ?? '';
    assert.ok(policy.includes(`style-src '${styleHash}';`), policy);
    // Who is nobody has nothing to log out of.
    assert.doesNotMatch(bodyOf(answer), /Logout/u);
    assert.match(bodyOf(await ask('', somebody)), /<button name="action" value="Logout">/u);
  });

  it('logs in, and goes back', async () => {
    const answer = await ask('?email=Me@example.com&admin=True&action=Login&continue=/x%3Fy=z');
    assert.equal(answer.status, 302);
    assert.equal(value(answer.headers, 'location'), `${origin}/x?y=z`);
    const cookie = value(answer.headers, 'set-cookie') ?? '';
    assert.equal(
      cookie,
      `dev_appserver_login="Me@example.com:True:${userId('me@example.com')}"; Path=/; SameSite=Lax`,
    );
    const user = userOf(cookie.split('; ')[0], () => assert.fail('It warned.'));
    assert.deepEqual([user?.email, user?.admin], ['Me@example.com', true]);
    const plain = await ask('?email=me@example.com&action=Login');
    assert.match(value(plain.headers, 'set-cookie') ?? '', /:False:/);
    assert.equal(value(plain.headers, 'location'), `${origin}/_ah/login`);
  });

  it('logs nobody in under what is no e-mail, or would break out of the cookie', async () => {
    for (const email of ['nobody', '', 'a@b:True:1', 'a@b"', 'a@b;x', 'a@b\r\nX: y', 'ä@b']) {
      const answer = await ask(`?action=Login&email=${encodeURIComponent(email)}`);
      assert.equal(answer.status, 200, email);
      assert.deepEqual(values(answer.headers, 'set-cookie'), [], email);
      assert.match(bodyOf(answer), /role="alert"/);
    }
  });

  it('logs out, by its button and by an address of its own', async () => {
    for (const target of ['/_ah/login?action=Logout&continue=/x', '/_ah/logout?continue=/x']) {
      const answer = await new Front().answer({ target, headers: admin });
      assert.equal(answer.status, 302);
      assert.equal(value(answer.headers, 'location'), `${origin}/x`);
      assert.equal(
        value(answer.headers, 'set-cookie'),
        'dev_appserver_login=; Max-Age=0; Path=/; SameSite=Lax',
      );
    }
  });

  it('changes nothing for a request that a page elsewhere has caused', async () => {
    // An image at /_ah/login?action=Login&admin=True on any page would make its reader an administrator here.
    for (const target of [
      '/_ah/login?action=Login&email=a@b&admin=True',
      '/_ah/login?action=Logout',
      '/_ah/logout',
    ]) {
      const answer = await new Front().answer({ target, headers: [['Sec-Fetch-Site', 'cross-site']] });
      assert.deepEqual(values(answer.headers, 'set-cookie'), [], target);
    }
  });

  it('goes back to nowhere but the origin that was asked', async () => {
    // A link to our own login page that leads on to a page of an attacker's, which then looks like ours.
    for (const away of [
      ...[
        'http://evil.example/',
        'https://localhost:8081/',
        '//evil.example/',
        String.raw`/\evil.example`,
        'evil.example',
      ],
      ...[
        'http://localhost:8081@evil.example/',
        'http://localhost:80811/',
        '/\t/evil.example',
        'javascript:alert(1)',
      ],
      ...[
        'http://localhost:8081',
        String.raw`http://localhost:8081/\evil.example`,
        '',
        '/a\r\nX: y',
        '\t//evil.example',
      ],
    ]) {
      assert.equal(sameOrigin(away, origin), undefined, away);
      const answer = await ask(`?action=Login&email=a@b&continue=${encodeURIComponent(away)}`);
      assert.equal(value(answer.headers, 'location'), `${origin}/_ah/login`, away);
    }
    assert.equal(sameOrigin('http://LOCALHOST:8081/a', origin), `${origin}/a`);
    assert.equal(sameOrigin('http://localhost:8081//a', origin), `${origin}//a`);
    assert.equal(sameOrigin('/ä?b=%20', origin), `${origin}/%C3%A4?b=%20`);
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string(), fc.string({ unit: 'binary' })), (text) => {
        for (const each of [text, `/${text}`, `//${text}`, origin + text]) {
          const url = sameOrigin(each, origin);
          if (url !== undefined) assert.equal(new URL(url).origin, origin, each);
        }
      }),
    );
  });

  it('brings a person back to where the login was asked for', () => {
    const url = loginUrl(origin, `${origin}/a?b=c&d`);
    assert.equal(new URL(url).searchParams.get('continue'), `${origin}/a?b=c&d`);
  });
});

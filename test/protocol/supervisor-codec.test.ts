import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RpcFault } from '../../src/protocol/supervisor/faults.ts';
import { readCall, UnreadableCall } from '../../src/protocol/supervisor/read-call.ts';
import type { Value } from '../../src/protocol/supervisor/values.ts';
import { writeAnswer, writeFault } from '../../src/protocol/supervisor/write-answer.ts';

function call(...values: readonly string[]): string {
  const parameters = values.map((value) => `<param><value>${value}</value></param>`).join('\n');
  return `<?xml version='1.0'?>\n<methodCall>\n<methodName>a.b</methodName>\n<params>\n${parameters}</params>\n</methodCall>\n`;
}

const read = (value: string): Value | undefined => readCall(call(value)).parameters[0];

describe('a call', () => {
  it('is read with every type that Supervisor takes, and a text without a type is a string', () => {
    assert.deepEqual(readCall(call('<int>-3</int>', '<i4>4</i4>', '<double>1.5</double>', 'plain')), {
      method: 'a.b',
      parameters: [-3, 4, 1.5, 'plain'],
    });
    assert.deepEqual(['<boolean>1</boolean>', '<boolean>0</boolean>'].map(read), [true, false]);
    assert.equal(read('<string> two\n lines </string>'), ' two\n lines ');
    assert.deepEqual(['<string></string>', '<string/>', ''].map(read), ['', '', '']);
    assert.equal(read('<base64>Z3LDvMOf\nZQ==</base64>'), 'grüße');
    assert.deepEqual(read('<array><data>\n<value><int>1</int></value>\n<value>b</value></data></array>'), [
      1,
      'b',
    ]);
    assert.deepEqual(
      read('<struct>\n<member><name>a</name><value><array><data/></array></value></member></struct>'),
      { a: [] },
    );
  });

  it('may leave out its parameters', () => {
    assert.deepEqual(readCall('<methodCall><methodName>a.b</methodName></methodCall>'), {
      method: 'a.b',
      parameters: [],
    });
  });

  it('is read with the five entities of XML and with references, each once', () => {
    assert.equal(
      read('<string>&lt;b&gt; &amp;amp; &quot;&apos; &#65;&#x1F600;</string>'),
      '<b> &amp; "\' A😀',
    );
    assert.throws(() => read('<string>&file;</string>'), UnreadableCall);
  });

  it('is refused when it declares entities of its own, so that none can unfold to gigabytes', () => {
    const bomb = `<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>${call('<string>&b;</string>')}`;
    assert.throws(() => readCall(bomb), /UnreadableCall: It declares a document type/);
  });

  it('is refused when it is not well-formed, no call, without a name, of unknown types, or nested too deeply', () => {
    const nested = `${'<array><data><value>'.repeat(100)}1${'</value></data></array>'.repeat(100)}`;
    for (const text of [
      '',
      'no XML',
      '<methodCall>',
      '<other/>',
      '<methodCall><methodName></methodName></methodCall>',
      call('<int>many</int>'),
      call('<int></int>'),
      call('<nil/>'),
      call('<array/>'),
      call('<struct><member><name>a</name></member></struct>'),
      call(nested),
    ])
      assert.throws(() => readCall(text), UnreadableCall, text);
  });

  it('is read or refused, whatever the text', () => {
    const piece = fc.constantFrom(
      ...[
        '<methodCall>',
        '</methodCall>',
        '<methodName>',
        '</methodName>',
        '<params>',
        '</params>',
        '<param>',
      ],
      ...[
        '</param>',
        '<value>',
        '</value>',
        '<struct>',
        '<member>',
        '<int>',
        '&#0;',
        '&#x110000;',
        '&',
        ']]>',
      ],
      ...['<![CDATA[', '<!--', '-->', '<?x', '<', '__proto__', '\u0000'],
    );
    const text = fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (input) => {
        try {
          assert.equal(typeof readCall(input).method, 'string');
        } catch (error) {
          assert.ok(error instanceof UnreadableCall, String(error));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('an answer', () => {
  it('is laid out as Supervisor lays it out', () => {
    assert.equal(
      writeAnswer([{ name: 'a&b', state: 20, up: true }, 'x']),
      [
        "<?xml version='1.0'?>",
        '<methodResponse>',
        '<params>',
        '<param>',
        '<value><array><data>',
        '<value><struct>',
        '<member>',
        '<name>name</name>',
        '<value><string>a&amp;b</string></value>',
        '</member>',
        '<member>',
        '<name>state</name>',
        '<value><int>20</int></value>',
        '</member>',
        '<member>',
        '<name>up</name>',
        '<value><boolean>1</boolean></value>',
        '</member>',
        '</struct></value>',
        '<value><string>x</string></value>',
        '</data></array></value>',
        '</param>',
        '</params>',
        '</methodResponse>',
        '',
      ].join('\n'),
    );
  });

  it('gives a fault its code and text', () => {
    assert.match(
      writeFault(new RpcFault('BAD_NAME', 'web')),
      /<fault>.*<name>faultCode<\/name>\n<value><int>10<\/int>.*<string>BAD_NAME: web<\/string>.*<\/fault>/s,
    );
  });

  it('holds a number within the 32 bits of an int, and text within what XML can say', () => {
    assert.match(writeAnswer(2 ** 40), /<int>2147483647<\/int>/);
    assert.match(writeAnswer(-(2 ** 40)), /<int>-2147483648<\/int>/);
    assert.match(writeAnswer('\u001B[31mred\r\n'), /<string>\u{FFFD}\[31mred&#13;\n<\/string>/u);
  });

  it('can be read again, whatever it says', () => {
    const leaf = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      fc.boolean(),
    );
    const value = fc.letrec<{ value: Value }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: 'grapheme-ascii' }), tie('value'), {
          maxKeys: 4,
          noNullPrototype: true,
        }),
      ),
    })).value;
    fc.assert(
      fc.property(value, (given) => {
        const [, written = ''] = /<param>\n<value>(.*)<\/value>\n<\/param>/s.exec(writeAnswer(given)) ?? [];
        assert.deepEqual(read(written), given);
      }),
    );
  });
});

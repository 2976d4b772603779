import assert from 'node:assert/strict';
import { it } from 'node:test';
import { programSpec } from '../../support/program.ts';
import { Stage } from '../../support/stage.ts';

for (const [kind, told] of [
  ['eventlistener', ['seen OK', 'oops']],
  ['program', ['READY', 'RESULT 2', 'OKREADY', 'RESULT 4', 'FAIL', 'seen OK', 'oops', 'READY']],
] as const) {
  it(`what ${kind} says in the listener protocol ${kind === 'program' ? 'is told like all else' : 'is told to no reader'}`, async () => {
    const stage = await new Stage([programSpec({ name: 'cat', kind })]).up();
    const batch = await stage.runtime.follow('cat.0', 100);
    assert.deepEqual(batch.lines, []);
    const { output } = stage.world.child;
    const tapped: string[] = [];
    stage.runtime.subscribe((message) => {
      if (message.kind === 'log') for (const { text } of message.batch.lines) tapped.push(text);
    });
    output.print('READY\nRESULT 2\nOKREADY\nRESULT 4\nFAIL\nseen OK', 'stdout');
    output.print('oops', 'stderr');
    if (kind === 'program') output.print('READY', 'stdout');
    await stage.world.pass(100);
    assert.deepEqual(tapped, told);
  });
}

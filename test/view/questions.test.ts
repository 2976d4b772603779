import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inputProblem, instancesProblem, signalChoices } from '../../src/view/questions.ts';

describe('a number of instances', () => {
  for (const text of ['1', ' 3 ', '100'])
    it(`can be "${text}"`, () => assert.equal(instancesProblem(text), undefined));
  for (const text of ['', '0', '-1', '1.5', '1e1', 'two', '101', '0x2'])
    it(`cannot be "${text}"`, () => {
      assert.equal(instancesProblem(text), 'A whole number from 1 to 100, please.');
    });
});

describe('a line of input', () => {
  it('can be empty, which is what Enter alone sends', () => assert.equal(inputProblem(''), undefined));
  it('holds no zero byte', () => assert.ok(inputProblem('a\0b') !== undefined));
});

describe('the signals to choose from', () => {
  it('begin with the one that is wanted most, and each says what it is for', () => {
    const choices = signalChoices();
    assert.equal(choices[0]?.name, 'HUP');
    assert.equal(new Set(choices.map(({ name }) => name)).size, choices.length);
    assert.ok(choices.every(({ name, use }) => /^[A-Z0-9]+$/.test(name) && use.length > 0));
  });
});

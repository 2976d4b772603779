/** What a person asks of running processes: signals, input, their number, an empty log. Asks for what is missing. */

import * as vscode from 'vscode';
import type { Outcome, ServiceView } from '../protocol/api.ts';
import { inputProblem, instancesProblem, signalChoices } from '../view/questions.ts';
import { targetsOf } from '../view/selection.ts';
import type { InstanceSubject } from '../view/subject.ts';
import type { RuntimesModel } from './model.ts';

/** Asks once, for however many instances. */
export async function sendSignal(model: RuntimesModel, subjects: readonly InstanceSubject[]): Promise<void> {
  if (subjects.length === 0) return;
  const items = signalChoices(vscode.l10n.t).map(({ name, use }) => ({ label: name, description: use }));
  const chosen = await vscode.window.showQuickPick(items, {
    placeHolder: vscode.l10n.t('Which signal for {0}?', namesOf(subjects)),
  });
  if (chosen === undefined) return;
  await overFolders(model, subjects, (api, target) => api.signal(target, chosen.label));
}

export async function clearLogs(model: RuntimesModel, subjects: readonly InstanceSubject[]): Promise<void> {
  await overFolders(model, subjects, (api, target) => api.clearLogs(target));
}

export async function sendInput(model: RuntimesModel, { folder, instance }: InstanceSubject): Promise<void> {
  const line = await vscode.window.showInputBox({
    title: vscode.l10n.t('Send Input to {0}', instance),
    prompt: vscode.l10n.t('One line for its standard input. Enter sends it with a line end.'),
    validateInput: (text) => inputProblem(text, vscode.l10n.t),
  });
  if (line !== undefined) await (await model.apiOf(folder)).sendInput(instance, `${line}\n`);
}

export async function scale(
  model: RuntimesModel,
  folder: string,
  { name, instances }: ServiceView,
): Promise<void> {
  const answer = await vscode.window.showInputBox({
    title: vscode.l10n.t('Scale {0}', name),
    prompt: vscode.l10n.t('How many instances, until the config file says otherwise?'),
    value: String(instances.length),
    validateInput: (text) => instancesProblem(text, vscode.l10n.t),
  });
  if (answer !== undefined) await (await model.apiOf(folder)).scale(name, Number(answer));
}

type Call = (
  api: Awaited<ReturnType<RuntimesModel['apiOf']>>,
  target: ReturnType<typeof targetsOf>[number]['target'],
) => Promise<readonly Outcome[]>;

/** Rejects with what went wrong, if anything did. */
async function overFolders(
  model: RuntimesModel,
  subjects: readonly InstanceSubject[],
  call: Call,
): Promise<void> {
  const outcomes = await Promise.all(
    targetsOf(subjects, model.snapshots).map(async ({ folder, target }) =>
      call(await model.apiOf(folder), target),
    ),
  );
  const failures = outcomes
    .flat()
    .flatMap(({ instance, fault }) => (fault === undefined ? [] : [`${instance}: ${fault.message}`]));
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

function namesOf(subjects: readonly InstanceSubject[]): string {
  return subjects.map(({ instance }) => instance).join(', ');
}

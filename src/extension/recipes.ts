/** Recipes that other extensions have registered. Checks each before it takes it; what they do is the runtime's. */

import * as vscode from 'vscode';
import { checkDefinition } from '../config/definition.ts';
import type { RecipeDefinition } from '../config/registered.ts';
import type { Disposable } from '../base/disposable.ts';

export class Recipes implements Disposable {
  readonly #registered = new Map<string, RecipeDefinition>();
  readonly #changed = new vscode.EventEmitter<void>();

  readonly onDidChange = this.#changed.event;

  /** In the order of their registration. */
  get all(): readonly RecipeDefinition[] {
    return [...this.#registered.values()];
  }

  /** Throws an error that says what is wrong with it. */
  register(definition: unknown): vscode.Disposable {
    const checked = checkDefinition(definition);
    if (checked.kind === 'wrong') throw new Error(checked.message);
    const recipe = checked.definition;
    if (this.#registered.has(recipe.name)) {
      throw new Error(`The recipe "${recipe.name}" is registered already.`);
    }
    this.#registered.set(recipe.name, recipe);
    this.#changed.fire();
    return new vscode.Disposable(() => {
      if (this.#registered.get(recipe.name) !== recipe) return;
      this.#registered.delete(recipe.name);
      this.#changed.fire();
    });
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

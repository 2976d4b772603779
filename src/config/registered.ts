/**
 * A recipe as plain data: what another extension brings for a language that we have none for.
 *
 * It goes over the door to a running workspace, so it holds no functions. What it says is all a recipe can say that is
 * no more than a table; those of ours that need to think are code.
 */

export interface RecipeDefinition {
  /** What `runtime` says: a lower-case word. It cannot be the name of a recipe of ours. */
  readonly name: string;
  /** As people call it: `Deno`. */
  readonly title: string;
  /** First words of a command that mean this runtime: `deno`. */
  readonly programs?: readonly string[];
  /** A folder with one of these files is proposed as a service of it. */
  readonly detects?: readonly string[];
  /** The command of a service that names none; words of a shell line, `{port}` in them. */
  readonly command?: string;
  /** `port` without it. */
  readonly handshake?: string;
  /** Beneath the service's own variables. */
  readonly env?: Readonly<Record<string, string>>;
  readonly checks?: readonly RecipeCheck[];
  readonly build?: {
    readonly command: string;
    /** Globs, relative to the service's folder. */
    readonly inputs: readonly string[];
    /** Relative to the service's folder. */
    readonly outputs?: readonly string[];
  };
  readonly debug?: {
    /** Put right behind the program's name; `{port}` is the debugger's. */
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    /** A regular expression with groups `host` and `port`, for the line in which the debugger says where it listens. */
    readonly listening?: string;
    /** What the editor attaches with, `{host}` and `{port}` in its texts; its `type` is the debugger's. */
    readonly attach: Readonly<Record<string, unknown>> & { readonly type: string };
    /** The identifier of the extension that has the debugger. */
    readonly extension?: string;
  };
}

/** What has to be there before a start. */
export type RecipeCheck =
  | {
      readonly program: string;
      /** The least version, such as `1.40`; asked with `versionArguments` (`--version`), the first number of the answer. */
      readonly atLeast?: string;
      readonly versionArguments?: readonly string[];
      /** A sentence: `Install Deno from https://deno.com.` */
      readonly install: string;
    }
  /** Relative to the service's folder. */
  | { readonly file: string; readonly way: string };

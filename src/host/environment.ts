/** The environment that children inherit: the person's, without what the editor put in for itself. */

/**
 * An extension host runs with variables that turn a child Electron into Node, point at the editor's sockets or
 * load the editor's bootstrap. A service started by the person in a terminal would have none of them.
 */
const editorsOwn =
  /^(?:ELECTRON_(?:RUN_AS_NODE|NO_ATTACH_CONSOLE)|VSCODE_.*|NODE_CHANNEL_FD|NODE_CHANNEL_SERIALIZATION_MODE|LOCAL_RUNTIMES_.*|APPLICATION_INSIGHTS_NO_DIAGNOSTIC_CHANNEL|CHROME_DESKTOP|ORIGINAL_XDG_CURRENT_DESKTOP)$/;

export function inheritedEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || editorsOwn.test(name)) continue;
    clean[name] = value;
  }
  return clean;
}

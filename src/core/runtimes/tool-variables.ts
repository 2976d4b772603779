/** Variables of our own environment on which what a tool makes hangs. Pure. */

/** All that is there would be too much: another terminal would ask for another build. */
const heeded =
  /^(?:GO[A-Z0-9]*|CGO_\w+|CC|CXX|AR|LD|(?:C|CXX|CPP|LD)FLAGS|PKG_CONFIG\w*|JAVA_HOME|JDK_HOME|CLASSPATH|JAVA_TOOL_OPTIONS|JDK_JAVAC_OPTIONS|MAVEN_OPTS|MAVEN_ARGS|GRADLE_OPTS|RUSTFLAGS|CARGO_BUILD_\w+|NODE_ENV|NODE_OPTIONS|PIP_\w+)$/u;

export function toolVariables(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env)
      .filter(([name]) => heeded.test(name))
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}

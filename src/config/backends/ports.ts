/** Where the processes of an application with backends listen (spec 5.2). Knows numbers only; whether they are free is found out when they are used. */

/** How far the ports of one backend lie from those of the next, and its balancer's from its first. */
const room = 100;
const balancersPlace = room - 1;

export interface PortLayout {
  /** Of the app's instances; the first is what backends are told as the frontend port. */
  readonly app: readonly number[];
  /** In the order of the file. */
  readonly backends: readonly { readonly instances: readonly number[]; readonly balancer: number }[];
  readonly apiServer: number;
}

/**
 * The ports from a minimum port on. `backends` are the numbers of their instances, in the order of the file: the first
 * backend is number 1. With a minimum port of 0 there is no layout: every port is the system's choice.
 */
export function portLayout(minPort: number, backends: readonly number[], appInstances = 1): PortLayout {
  const from = (base: number, count: number): readonly number[] =>
    Array.from({ length: count }, (_, index) => base + index);
  return {
    app: from(minPort, appInstances),
    backends: backends.map((instances, index) => {
      const base = minPort + room * (index + 1);
      return { instances: from(base, instances), balancer: base + balancersPlace };
    }),
    apiServer: minPort + room * (backends.length + 1),
  };
}
